import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Choices } from '../frame/choices';
import { MONTH_END, noBounds, timeProblem, type Bounds } from './bounds';
import { hintOf } from './policies';

type BoundFieldsProps = {
  readonly bounds: Bounds;
  /** The one of the schedule. */
  readonly zone: string;
  readonly onChange: (change: Partial<Bounds>) => void;
};

/** When a rule begins and ends, and what it leaves out: out of the way while nothing is. */
export const BoundFields = ({ bounds, zone, onChange }: BoundFieldsProps) => {
  // as it was found: it does not close under who empties a field
  const [isOpen] = useState(() => JSON.stringify(bounds) !== JSON.stringify(noBounds));
  const moment = (field: 'start' | 'end', label: string) => (
    <TextInput
      label={label}
      type="datetime-local"
      step="1"
      value={bounds[field]}
      error={timeProblem(bounds[field], zone)}
      onChange={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
    />
  );
  return (
    <details className="bounds" open={isOpen}>
      <summary>Begin, end, days without a run</summary>
      <div className="form">
        <div className="fields">
          {moment('start', 'Not before')}
          {moment('end', 'Not after')}
          <TextInput
            label="Runs at most"
            type="number"
            min={1}
            value={bounds.runs}
            onChange={({ currentTarget }) => onChange({ runs: currentTarget.value })}
          />
        </div>
        <Textarea
          label="Days without a run"
          description="Such as 2026-12-25, on the clocks of the schedule"
          autosize={false}
          rows={2}
          value={bounds.exclude}
          onChange={({ currentTarget }) => onChange({ exclude: currentTarget.value })}
        />
        <Choices
          label="When a month is too short for its day"
          options={MONTH_END}
          value={bounds.monthEnd}
          onChange={(monthEnd) => onChange({ monthEnd })}
          hint={hintOf(MONTH_END, bounds.monthEnd)}
        />
        <TextInput
          label="Spread over minutes"
          description="It starts up to so much later, always by the same"
          type="number"
          min={0}
          max={1_440}
          step="any"
          value={bounds.spreadMinutes}
          onChange={({ currentTarget }) => onChange({ spreadMinutes: currentTarget.value })}
        />
      </div>
    </details>
  );
};
