import { useId } from 'react';

type ChoicesProps<T extends string> = {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** What the choice means here. */
  readonly hint?: string | undefined;
};

/** One of a few, in words. */
export const Choices = <T extends string>({
  label,
  options,
  value,
  onChange,
  hint,
}: ChoicesProps<T>) => {
  const id = useId();
  return (
    <div role="radiogroup" aria-labelledby={id}>
      <span id={id} className="label">
        {label}
      </span>
      <div className="choices">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {hint !== undefined && <p className="hint">{hint}</p>}
    </div>
  );
};
