import { useId } from 'react';
import { firstDayOfWeek } from '../time/week';
import { WEEKDAYS, type Weekday } from './repeats';

type WeekdayTicksProps = {
  /** At least one. */
  readonly weekdays: readonly Weekday[];
  readonly onChange: (weekdays: readonly Weekday[]) => void;
};

/** Days of the week, in the order of the reader's; the last one that is ticked stays. */
export const WeekdayTicks = ({ weekdays, onChange }: WeekdayTicksProps) => {
  const id = useId();
  const days = WEEKDAYS.map((_, at) => ((firstDayOfWeek() - 1 + at) % 7) + 1);
  const turn = (day: Weekday): void => {
    const others = weekdays.filter((one) => one !== day);
    const isTicked = others.length < weekdays.length;
    const after = isTicked ? others : [...others, day].toSorted((one, other) => one - other);
    if (after.length > 0) onChange(after);
  };
  return (
    <div role="group" aria-labelledby={id}>
      <span id={id} className="label">
        On
      </span>
      <div className="choices">
        {days.map((day) => {
          const name = WEEKDAYS[day - 1] ?? '';
          return (
            <label key={day}>
              <input
                type="checkbox"
                aria-label={name}
                checked={weekdays.includes(day)}
                onChange={() => turn(day)}
              />
              {name.slice(0, 3)}
            </label>
          );
        })}
      </div>
    </div>
  );
};
