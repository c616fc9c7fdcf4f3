import { NativeSelect, TextInput } from '@mantine/core';
import { WeekdayTicks } from './weekday-ticks';
import {
  everyOf,
  FREQUENCIES,
  isCounted,
  PLACES,
  UNITS,
  WEEKDAYS,
  type Frequency,
  type Place,
  type Repeats,
} from './repeats';

type FieldsProps = {
  readonly repeats: Repeats;
  readonly onChange: (change: Partial<Repeats>) => void;
};

/** Which days of a month. */
const MonthFields = ({ repeats, onChange }: FieldsProps) => {
  if (repeats.frequency === 'monthly')
    return (
      <NativeSelect
        label="On day"
        data={[
          ...Array.from({ length: 31 }, (_, at) => String(at + 1)),
          { label: 'the last', value: 'L' },
        ]}
        value={repeats.monthDay}
        onChange={({ currentTarget }) => onChange({ monthDay: currentTarget.value })}
      />
    );
  return (
    <>
      <NativeSelect
        label="On the"
        data={[...PLACES]}
        value={repeats.place}
        onChange={({ currentTarget }) => onChange({ place: currentTarget.value as Place })}
      />
      <NativeSelect
        label="Weekday"
        data={WEEKDAYS.map((label, index) => ({ label, value: String(index + 1) }))}
        value={String(repeats.placed)}
        onChange={({ currentTarget }) => onChange({ placed: Number(currentTarget.value) })}
      />
    </>
  );
};

const timeLabel = (repeats: Repeats): string => {
  if (isCounted(repeats) && repeats.frequency !== 'daily' && repeats.frequency !== 'weekly')
    return 'First at';
  return repeats.frequency === 'hours' ? 'At minute of' : 'At';
};

/** A rule from choices. */
export const RepeatsFields = ({ repeats, onChange }: FieldsProps) => {
  const { frequency, every, time, from, weekdays } = repeats;
  const units = UNITS[frequency];
  const isByMinute = frequency === 'minutes' && !isCounted(repeats);
  return (
    <>
      <div className="fields">
        <NativeSelect
          label="How often"
          data={[...FREQUENCIES]}
          value={frequency}
          onChange={({ currentTarget }) =>
            onChange({ frequency: currentTarget.value as Frequency, every: '1' })
          }
        />
        {units !== undefined && (
          <TextInput
            label={`Every how many ${units}`}
            type="number"
            min={1}
            required
            value={every}
            onChange={({ currentTarget }) => onChange({ every: currentTarget.value })}
            onBlur={() => onChange({ every: String(everyOf(repeats)) })}
          />
        )}
        {(frequency === 'monthly' || frequency === 'nth') && (
          <MonthFields repeats={repeats} onChange={onChange} />
        )}
        {!isByMinute && (
          <TextInput
            label={timeLabel(repeats)}
            type="time"
            value={time}
            required
            onChange={({ currentTarget }) => onChange({ time: currentTarget.value || '00:00' })}
          />
        )}
        {isCounted(repeats) && (
          <TextInput
            label="Counted from"
            type="date"
            value={from}
            required
            onChange={({ currentTarget }) => onChange({ from: currentTarget.value || from })}
          />
        )}
      </div>
      {frequency === 'weekly' && (
        <WeekdayTicks weekdays={weekdays} onChange={(ticked) => onChange({ weekdays: ticked })} />
      )}
    </>
  );
};
