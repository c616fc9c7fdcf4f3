import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import { ShowMore } from '../frame/show-more';
import type { Occurrence, Schedule } from '../http/answers';
import { send } from '../http/client';
import { useSend } from '../http/use-send';
import { MoveDialog } from '../job/move-dialog';
import { useNow } from '../time/now';
import { Calendar } from './calendar';
import {
  byDay,
  dayAfter,
  dayOf,
  monthOf,
  movedHere,
  readDay,
  readMonth,
  startOf,
  todayIn,
  weeksOf,
  type DayText,
  type MonthText,
} from './month';
import { OccurrenceRow } from './occurrence-row';
import { useMonth, useOccurrences, useReread } from './use-schedule';

const longDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeZone: 'UTC' });

const windowOf = (day: DayText, zone: string) => ({
  from: new Date(startOf(day, zone)).toISOString(),
  to: new Date(startOf(dayAfter(day, 1), zone) - 1).toISOString(),
});

type ListProps = {
  readonly schedule: Schedule;
  readonly items: readonly Occurrence[];
};

/** Runs in the order of time; one that is to come can be moved or cancelled, and no other moves. */
const List = ({ schedule: { scheduleId, timeZone }, items }: ListProps) => {
  const reread = useReread(scheduleId);
  const run = useSend();
  const [moving, setMoving] = useState<Occurrence>();
  const [refusal, setRefusal] = useState<unknown>();

  const change = async (occurrence: Occurrence, verb: string, body: object): Promise<void> => {
    setRefusal(undefined);
    const path = `v1/schedules/${scheduleId}/occurrences/${occurrence.occurrenceAt}/${verb}`;
    const key = crypto.randomUUID();
    await run(async () => {
      await send<Schedule>(path, body, { key });
      await reread();
    });
  };

  return (
    <>
      {refusal !== undefined && <Notice error={refusal} />}
      <ul className="occurrences">
        {items.map((occurrence) => (
          <OccurrenceRow
            key={`${occurrence.occurrenceAt} ${occurrence.origin} ${occurrence.jobId ?? ''}`}
            occurrence={occurrence}
            zone={timeZone}
            onMove={() => setMoving(occurrence)}
            onCancel={() => void change(occurrence, 'cancel', {}).catch(setRefusal)}
          />
        ))}
      </ul>
      {items.length === 0 && <p className="soft">None.</p>}
      {moving && (
        <MoveDialog
          title="Move this one"
          from={moving.dueAt ?? moving.occurrenceAt}
          onClose={() => setMoving(undefined)}
          onMove={(dueAt, note) => change(moving, 'move', { dueAt, ...(note !== '' && { note }) })}
        />
      )}
    </>
  );
};

type PagedProps = {
  readonly schedule: Schedule;
  readonly window?: { readonly from: string; readonly to: string };
};

/** Page by page, for as many as there are. */
const Paged = ({ schedule, window }: PagedProps) => {
  const query = useOccurrences(schedule.scheduleId, window);
  const { data, error } = query;
  return (
    <>
      {error && <Notice error={error} />}
      {data && <List schedule={schedule} items={data.pages.flatMap((page) => page.items)} />}
      <ShowMore query={query} name="Later ones" />
    </>
  );
};

/** A month of runs as a calendar, and those of one day, or of yesterday and later, as a list. */
export const Occurrences = ({ schedule }: { readonly schedule: Schedule }) => {
  const { scheduleId, timeZone: zone } = schedule;
  const [search, setSearch] = useSearchParams();
  const today = todayIn(zone, useNow());
  const day = readDay(search.get('day'));
  const month = readMonth(search.get('month')) ?? monthOf(day ?? today);
  const shown = weeksOf(month).flat();
  const from = new Date(startOf(shown[0] ?? today, zone)).toISOString();
  const to = new Date(startOf(dayAfter(shown.at(-1) ?? today, 1), zone) - 1).toISOString();
  const { data, error, isPlaceholderData } = useMonth(scheduleId, from, to);
  const isReading = data === undefined || isPlaceholderData;
  const known = isReading ? [] : data.items;
  const days = byDay([...known, ...movedHere(schedule, known)], zone);
  const last = known.at(-1);
  const ofAll = data?.isWhole === false && last ? dayAfter(dayOf(last, zone), -1) : undefined;
  const wholeUntil = isReading ? dayAfter(shown[0] ?? today, -1) : ofAll;
  const isDayWhole =
    day !== undefined && shown.includes(day) && (wholeUntil === undefined || day <= wholeUntil);

  const look = (change: { month?: MonthText; day?: DayText | undefined }): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [field, text] of Object.entries(change))
          if (text === undefined) after.delete(field);
          else after.set(field, text);
        return after;
      },
      { replace: true },
    );

  return (
    <section className="panel">
      <h2>Occurrences, on the clocks of {zone}</h2>
      {error && <Notice error={error} />}
      <Calendar
        {...{ zone, month, today, days, wholeUntil, chosen: day, isReading }}
        onMonth={(other) => look({ month: other })}
        onDay={(chosen) => look({ day: chosen, ...(chosen && { month: monthOf(chosen) }) })}
      />
      <h3 className="cal-list">
        {day === undefined ? 'Since yesterday' : longDay.format(Date.parse(day))}
      </h3>
      {day === undefined && <Paged schedule={schedule} />}
      {day !== undefined && isDayWhole && <List schedule={schedule} items={days.get(day) ?? []} />}
      {day !== undefined && !isDayWhole && (
        <Paged schedule={schedule} window={windowOf(day, zone)} />
      )}
    </section>
  );
};
