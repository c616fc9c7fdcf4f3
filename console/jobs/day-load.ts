import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Forecast, Lateness } from '../http/answers';
import { readFresh } from '../http/client';
import { dayAfter, startOf, type DayText } from '../schedules/month';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
/** No more than this by minute is answered at once; a day on which clocks go back is longer. */
const SPAN_MS = 24 * HOUR_MS;
const LOOK_MS = 30_000;

export type Quarter = { readonly at: number; readonly to: number; readonly jobs: number };
export type FullestMinute = { readonly at: number; readonly jobs: number };

export type DayLoad = {
  readonly from: number;
  readonly to: number;
  readonly quarters: readonly Quarter[];
  /** Of those to come; undefined: in none is more than one job due. */
  readonly fullest: FullestMinute | undefined;
};

/** A day of a zone, which has 23 to 25 hours. */
export const dayOf = (
  day: DayText,
  zone: string,
): { readonly from: number; readonly to: number } => ({
  from: startOf(day, zone),
  to: startOf(dayAfter(day, 1), zone),
});

/** How many jobs are due by minute: what has started, and what waits. */
const readMinutes = async (
  from: number,
  to: number,
  ownerId: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> => {
  const minutes = new Map<number, number>();
  const add = (at: string, jobs: number): void => {
    const minute = Date.parse(at);
    minutes.set(minute, (minutes.get(minute) ?? 0) + jobs);
  };
  for (let begin = from; begin < to; begin += SPAN_MS) {
    const query = {
      ...{ step: 'minute', ownerId, from: new Date(begin).toISOString() },
      to: new Date(Math.min(to, begin + SPAN_MS)).toISOString(),
    };
    const [waiting, started] = await Promise.all([
      readFresh<Forecast>('v1/forecast', query, signal),
      readFresh<Lateness>('v1/lateness', query, signal),
    ]);
    for (const { at, jobs } of waiting.buckets) add(at, jobs);
    for (const { at, starts } of started.buckets) add(at, starts);
  }
  return minutes;
};

export const dayLoadOf = (
  { from, to }: { readonly from: number; readonly to: number },
  minutes: ReadonlyMap<number, number>,
  now: number,
): DayLoad => {
  const quarters: Quarter[] = [];
  for (let at = from; at < to; at += QUARTER_MS) {
    let jobs = 0;
    for (let minute = at; minute < at + QUARTER_MS; minute += MINUTE_MS)
      jobs += minutes.get(minute) ?? 0;
    quarters.push({ at, to: at + QUARTER_MS, jobs });
  }
  let fullest: FullestMinute | undefined;
  for (const [at, jobs] of minutes)
    if (at > now && jobs > Math.max(1, fullest?.jobs ?? 0)) fullest = { at, jobs };
  return { from, to, quarters, fullest };
};

/** By minute; read again while it is looked at. */
export const useDayMinutes = (day: DayText, zone: string, ownerId: string | undefined) => {
  const { from, to } = dayOf(day, zone);
  return useQuery({
    queryKey: ['load', 'day', from, to, ownerId],
    queryFn: ({ signal }) => readMinutes(from, to, ownerId, signal),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });
};
