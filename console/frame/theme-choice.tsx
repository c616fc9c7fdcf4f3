import { chooseColours, COLOURS, useColours } from './colours';

export const ThemeChoice = () => {
  const colours = useColours();
  const next = COLOURS[(COLOURS.indexOf(colours) + 1) % COLOURS.length] ?? 'system';
  return (
    <button
      type="button"
      className="quiet theme-choice"
      aria-label={`Colours: ${colours}`}
      onClick={() => chooseColours(next)}
    >
      <span className="wide-only">Colours: </span>
      {colours}
    </button>
  );
};
