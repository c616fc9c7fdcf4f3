import { useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { dayAfter, todayIn } from '../schedules/month';
import { count, day as dayText, hourMinute } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { dayLoadOf, dayOf, useDayMinutes } from './day-load';
import { withFilter, type Filter } from './filter';
import { QuarterBars, rangeText } from './quarter-bars';
import { rangeIn, type Range } from './quarter-range';

const MINUTE_MS = 60_000;
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

/** The day that is looked at: that of the filter when it changes, else where one has gone. */
const useDay = (from: string | undefined, zone: string, now: number) => {
  const dayIn = (text: string): string => todayIn(zone, Date.parse(text));
  const [day, goTo] = useState(() => (from === undefined ? undefined : dayIn(from)));
  const [known, setKnown] = useState(from);
  if (known !== from) {
    setKnown(from);
    if (from !== undefined) goTo(dayIn(from));
  }
  const today = todayIn(zone, now);
  return { day: day ?? today, isToday: (day ?? today) === today, goTo };
};

/** What is due in a day, by quarter of an hour; what is chosen of it is the filter of the list. */
export const DayStrip = ({ filter }: { readonly filter: Filter }) => {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { zone } = useZone();
  // a new minute is a new picture; a second is not
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const { day, isToday, goTo } = useDay(filter.from, zone, now);
  const { data } = useDayMinutes(day, zone, filter.ownerId);
  const { quarters, fullest, from, to } = useMemo(
    () => dayLoadOf(dayOf(day, zone), data ?? new Map(), now),
    [day, zone, data, now],
  );
  const [pointed, setPointed] = useState<Range>();
  const shown = rangeIn(quarters, filter);
  const told = pointed ?? shown;

  const show = (begin: number, end: number): void =>
    void navigate({
      search: withFilter(search, {
        from: new Date(begin).toISOString(),
        to: new Date(end).toISOString(),
      }),
    });
  const choose = ({ first, last }: Range): void => {
    const [begin, end] = [quarters[first], quarters[last]];
    if (shown?.first === first && shown.last === last)
      void navigate({ search: withFilter(search, { from: '', to: '' }) });
    else if (begin && end) show(begin.at, end.to);
  };
  const turn = (label: string, sign: string, days: number) => (
    <button
      type="button"
      className="quiet"
      aria-label={label}
      onClick={() => goTo(dayAfter(day, days))}
    >
      {sign}
    </button>
  );

  return (
    <section className="panel strip" aria-label="Due in a day">
      <div className="strip-head">
        <span>
          Due {isToday ? 'today' : dayText(from, zone, now)}
          <span className="wide-only">, by quarter of an hour</span>
          {turn('The day before', '‹', -1)}
          {turn('The day after', '›', 1)}
        </span>
        <span className="strip-told">
          {told && <span>{rangeText(quarters, told, zone)}</span>}
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
