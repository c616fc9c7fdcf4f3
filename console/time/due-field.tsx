import { useId, useState } from 'react';
import { fullMoment, relative } from './format';
import { useNow } from './now';
import { useZone } from './zone';
import { fromField, toField } from './zones';

type DueFieldProps = {
  readonly label: string;
  readonly value: string;
  /** Undefined while it is no time. */
  readonly onChange: (at: string | undefined) => void;
};

/** A date and a time on the clocks of the chosen zone, with what they come to. */
export const DueField = ({ label, value, onChange }: DueFieldProps) => {
  const { zone } = useZone();
  const now = useNow();
  const id = useId();
  const [text, setText] = useState(() => toField(Date.parse(value), zone));
  const [zoneOfText, setZoneOfText] = useState(zone);
  const at = fromField(text, zoneOfText);
  if (zone !== zoneOfText) {
    setZoneOfText(zone);
    if (at !== undefined) setText(toField(at, zone)); // the instant stays, clocks show it otherwise
  }
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} <span className="soft">({zone})</span>
      </label>
      <input
        id={id}
        type="datetime-local"
        step="1"
        value={text}
        required
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          const read = fromField(currentTarget.value, zone);
          onChange(read === undefined ? undefined : new Date(read).toISOString());
        }}
      />
      <p id={`${id}-hint`} className={at === undefined ? 'wrong' : 'hint'}>
        {at === undefined
          ? 'Clocks of this zone do not show such a time.'
          : `${relative(at, now, zone)} · ${fullMoment(at, zone).split('\n')[1] ?? ''}`}
      </p>
    </div>
  );
};
