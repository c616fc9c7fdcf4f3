import { useId } from 'react';

type TextFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly pattern?: string;
  readonly isRequired?: boolean;
};

/** A line of text; what it may be is checked by the browser first, and by the API in any case. */
export const TextField = ({
  label,
  value,
  onChange,
  placeholder,
  pattern,
  isRequired = false,
}: TextFieldProps) => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={placeholder}
        pattern={pattern}
        required={isRequired}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
      />
    </div>
  );
};

type TickProps = {
  readonly label: string;
  readonly isSet: boolean;
  readonly onChange: (isSet: boolean) => void;
};

export const Tick = ({ label, isSet, onChange }: TickProps) => (
  <label className="tick">
    <input
      type="checkbox"
      checked={isSet}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />{' '}
    {label}
  </label>
);
