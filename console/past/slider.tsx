import { useId } from 'react';
import { useHeld } from './use-held';

/** Nobody asks the server for each place that the hand passes. */
const PAUSE_MS = 300;

type SliderProps = {
  readonly label: string;
  /** Of the stops, which begin at 0. */
  readonly last: number;
  readonly at: number;
  /** The moment that is shown, which may lie between two stops. */
  readonly text: string;
  /** What a stop is. */
  readonly textAt: (stop: number) => string;
  readonly onPick: (stop: number) => void;
};

/** From stop to stop by hand or by the arrow keys; picked once it rests. */
export const Slider = ({ label, last, at, text, textAt, onPick }: SliderProps) => {
  const id = useId();
  const [shown, hold] = useHeld(at, onPick, PAUSE_MS);
  const told = shown === at ? text : textAt(shown);
  return (
    <div className="slider">
      <input
        type="range"
        aria-label={label}
        aria-describedby={id}
        aria-valuetext={told}
        min={0}
        max={Math.max(last, 0)}
        step={1}
        value={shown}
        disabled={last < 1}
        onChange={({ currentTarget }) => hold(Number(currentTarget.value))}
      />
      <output id={id}>{told}</output>
    </div>
  );
};
