import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useGo } from '../frame/link';
import { dayAfter, todayIn } from '../schedules/month';
import { count, day as dayText, hourMinute } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { dayLoadOf, dayOf, useDayMinutes } from './day-load';
import { withFilter, type Filter } from './filter';
import { QuarterBars, rangeText } from './quarter-bars';
import { rangeIn, type Range } from './quarter-range';

const MINUTE_MS = 60_000;
/** Later years have more than four digits. */
const LAST = Date.UTC(9_999, 0);
const MARK_MS = 3 * 60 * MINUTE_MS;

type HoursProps = { readonly from: number; readonly to: number; readonly zone: string };

/** The hours below the bars, each where it begins. */
const Hours = ({ from, to, zone }: HoursProps) => {
  const marks = Array.from(
    { length: Math.ceil((to - from) / MARK_MS) },
    (_, n) => from + n * MARK_MS,
  );
  return (
    <div className="strip-hours" aria-hidden>
      {marks.map((at) => (
        <span key={at} style={{ left: `${((at - from) / (to - from)) * 100}%` }}>
          {hourMinute(at, zone)}
        </span>
      ))}
    </div>
  );
};

type DayTurnerProps = { readonly name: string; readonly onTurn: (days: number) => void };

const DayTurner = ({ name, onTurn }: DayTurnerProps) => (
  <span>
    Due {name}
    <span className="wide-only">, by quarter of an hour</span>
    <button type="button" className="quiet" aria-label="The day before" onClick={() => onTurn(-1)}>
      ‹
    </button>
    <button type="button" className="quiet" aria-label="The day after" onClick={() => onTurn(1)}>
      ›
    </button>
  </span>
);

/** The day that is looked at: that of the filter when it changes, else where one has gone. */
const useDay = (from: string | undefined, zone: string, now: number) => {
  const at = from === undefined ? NaN : Date.parse(from); // an address may say anything
  const asked = at >= 0 && at < LAST ? todayIn(zone, at) : undefined;
  const [day, goTo] = useState(asked);
  const [known, setKnown] = useState(from);
  if (known !== from) {
    setKnown(from);
    if (asked !== undefined) goTo(asked);
  }
  const today = todayIn(zone, now);
  return { day: day ?? today, isToday: (day ?? today) === today, goTo };
};

/** What is due in a day, by quarter of an hour; what is chosen of it is the filter of the list. */
export const DayStrip = ({ filter }: { readonly filter: Filter }) => {
  const go = useGo();
  const [search] = useSearchParams();
  const { zone } = useZone();
  // a new minute is a new picture; a second is not
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const { day, isToday, goTo } = useDay(filter.from, zone, now);
  const { data, isError } = useDayMinutes(day, zone, filter.ownerId);
  const { quarters, fullest, from, to } = useMemo(
    () => dayLoadOf(dayOf(day, zone), data ?? new Map(), now),
    [day, zone, data, now],
  );
  const [pointed, setPointed] = useState<Range>();
  const shown = rangeIn(quarters, filter);
  const told = pointed ?? shown;

  const show = (begin: number, end: number): void => {
    const due = { from: new Date(begin).toISOString(), to: new Date(end).toISOString() };
    go({ search: withFilter(search, due) });
  };
  const choose = ({ first, last }: Range): void => {
    const [begin, end] = [quarters[first], quarters[last]];
    if (shown?.first === first && shown.last === last)
      go({ search: withFilter(search, { from: '', to: '' }) });
    else if (begin && end) show(begin.at, end.to);
  };

  return (
    <section className="panel strip" aria-label="Load of a day">
      <div className="strip-head">
        <DayTurner
          name={isToday ? 'today' : dayText(from, zone, now)}
          onTurn={(days) => goTo(dayAfter(day, days))}
        />
        <span className="strip-told">
          {told && rangeText(quarters, told, zone)}
          {isError && !data && 'It cannot be read now.'}
          {!told && fullest && (
            <button
              type="button"
              className="link"
              onClick={() => show(fullest.at, fullest.at + MINUTE_MS)}
            >
              Most at {hourMinute(fullest.at, zone)}: {count(fullest.jobs)} in one minute
            </button>
          )}
        </span>
      </div>
      <QuarterBars
        {...{ quarters, zone, shown }}
        nowIndex={quarters.findIndex((quarter) => quarter.to > now && quarter.at <= now)}
        onPoint={setPointed}
        onChoose={choose}
      />
      <Hours {...{ from, to, zone }} />
    </section>
  );
};
