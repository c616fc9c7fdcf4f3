import { Choices } from '../frame/choices';

const UNITS = [
  { value: 'M', label: 'minutes' },
  { value: 'H', label: 'hours' },
  { value: 'D', label: 'days' },
] as const;

const DIRECTIONS = [
  { value: '', label: 'later' },
  { value: '-', label: 'earlier' },
] as const;

export type Move = {
  readonly amount: string;
  readonly unit: (typeof UNITS)[number]['value'];
  readonly direction: (typeof DIRECTIONS)[number]['value'];
};

const MOST_DIGITS = 5;

/** As the API reads it; undefined for what is no whole number above 0. */
export const moveSpan = ({ amount, unit, direction }: Move): string | undefined => {
  const digits = amount.trim();
  if (!/^[1-9]\d*$/.test(digits) || digits.length > MOST_DIGITS) return undefined;
  return `${direction}P${unit === 'D' ? '' : 'T'}${digits}${unit}`;
};

type MoveByProps = { readonly move: Move; readonly onChange: (move: Move) => void };

/** By how much jobs are moved. */
export const MoveBy = ({ move, onChange }: MoveByProps) => (
  <div className="fields move-by">
    <div className="field">
      <label htmlFor="move-by">Move them by</label>
      <input
        id="move-by"
        inputMode="numeric"
        value={move.amount}
        maxLength={MOST_DIGITS}
        aria-invalid={moveSpan(move) === undefined}
        onChange={({ currentTarget }) => onChange({ ...move, amount: currentTarget.value })}
      />
    </div>
    <Choices
      label="Unit"
      options={UNITS}
      value={move.unit}
      onChange={(unit) => onChange({ ...move, unit })}
    />
    <Choices
      label="Direction"
      options={DIRECTIONS}
      value={move.direction}
      onChange={(direction) => onChange({ ...move, direction })}
    />
  </div>
);
