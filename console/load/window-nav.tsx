import { useKeys } from '../frame/keys';
import { day, hourMinute } from '../time/format';
import { canGo, type Window } from './window';

type WindowNavProps = {
  readonly window: Window;
  readonly zone: string;
  readonly now: number;
  /** Whether it is the one around now, which moves with it. */
  readonly isNow: boolean;
  readonly onGo: (ways: 1 | -1) => void;
  readonly onNow: () => void;
};

const textOf = ({ step, from, to }: Window, zone: string, now: number): string => {
  if (step === 'day') return `${day(from, 'UTC', now)} to ${day(to - 1, 'UTC', now)}`;
  const [begin, end] = [from, to].map((at) => `${day(at, zone, now)}, ${hourMinute(at, zone)}`);
  return `${begin} to ${end}`;
};

/** Which time is shown, and the way to others. */
export const WindowNav = ({ window, zone, now, isNow, onGo, onNow }: WindowNavProps) => {
  const go = (ways: 1 | -1) => (): void => {
    if (canGo(window, ways, now)) onGo(ways);
  };
  useKeys({ k: go(-1), j: go(1) });
  return (
    <nav className="window-nav" aria-label="Time shown">
      <button
        type="button"
        className="button button-plain"
        disabled={!canGo(window, -1, now)}
        onClick={go(-1)}
      >
        ‹ Earlier
      </button>
      <b aria-live="polite">{textOf(window, zone, now)}</b>
      <button
        type="button"
        className="button button-plain"
        disabled={!canGo(window, 1, now)}
        onClick={go(1)}
      >
        Later ›
      </button>
      <button type="button" className="button button-plain" disabled={isNow} onClick={onNow}>
        Now
      </button>
    </nav>
  );
};
