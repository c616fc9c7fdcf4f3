import { useState } from 'react';
import { serverNow } from '../time/clock';
import { fromField, toField } from '../time/zones';
import { useZone } from '../time/zone';
import { useHeld } from './use-held';

/** Longer than the time between two digits of a year. */
const PAUSE_MS = 800;

type MomentFieldProps = {
  readonly label?: string;
  readonly at: number;
  readonly onPick: (at: number) => void;
};

/** A moment of the past to the second, on the clocks of the chosen zone. */
export const MomentField = ({ label = 'Moment', at, onPick }: MomentFieldProps) => {
  const { zone } = useZone();
  const [isWrong, setWrong] = useState(false);
  const [text, hold] = useHeld(
    toField(at, zone),
    (given) => {
      const read = fromField(given, zone);
      const isPast = read !== undefined && read <= serverNow();
      setWrong(!isPast);
      if (isPast) onPick(read);
    },
    PAUSE_MS,
  );
  return (
    <div className="field past-field">
      <input
        type="datetime-local"
        step="1"
        aria-label={label}
        aria-invalid={isWrong}
        value={text}
        max={toField(serverNow(), zone)}
        onChange={({ currentTarget }) => {
          setWrong(false);
          hold(currentTarget.value);
        }}
      />
      {isWrong && (
        <p className="wrong" role="alert">
          It has to be a time that has passed.
        </p>
      )}
    </div>
  );
};
