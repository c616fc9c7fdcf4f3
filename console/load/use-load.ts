import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Forecast, Lateness, PlannedRuns } from '../http/answers';
import { readFresh } from '../http/client';
import { latenessFrom, type Step, type Window } from './window';

/** What is due by minute changes by the minute; a hidden page asks for nothing. */
const LOOK_MS: Readonly<Record<Step, number>> = { minute: 10_000, hour: 30_000, day: 60_000 };

const PLANNED_LOOK_MS = 60_000;

/** What waits, what schedules have ahead and how late things started in a window; read again while it is looked at. */
export const useLoad = (window: Window, now: number) => {
  const { step } = window;
  const from = new Date(window.from).toISOString();
  const to = new Date(window.to).toISOString();
  const isPast = window.to <= now;
  const isAhead = window.from > now;
  const options = {
    refetchInterval: isPast ? (false as const) : LOOK_MS[step],
    placeholderData: keepPreviousData,
  };
  const forecast = useQuery({
    ...options,
    queryKey: ['load', 'forecast', step, from],
    queryFn: ({ signal }) => readFresh<Forecast>('v1/forecast', { step, from, to }, signal),
  });
  // the API has none of what is to come
  const since = new Date(latenessFrom(window, now)).toISOString();
  const lateness = useQuery({
    ...options,
    queryKey: ['load', 'lateness', step, since],
    queryFn: ({ signal }) => readFresh<Lateness>('v1/lateness', { step, from: since }, signal),
    enabled: !isAhead,
  });
  // rules change seldom, and are gone through for each answer; what they had in the past is a job
  const planned = useQuery({
    ...options,
    refetchInterval: isPast ? false : PLANNED_LOOK_MS,
    queryKey: ['load', 'planned', step, from],
    queryFn: ({ signal }) =>
      readFresh<PlannedRuns>('v1/forecast/schedules', { step, from, to }, signal),
    enabled: !isPast,
  });
  const shown = [forecast, ...(isAhead ? [] : [lateness])];
  const asked = [...shown, ...(isPast ? [] : [planned])];
  return {
    ...{ isAhead, asked },
    isRead: shown.every(({ isSuccess }) => isSuccess),
    /** What is known is of another window. */
    isReading: shown.some(({ isPlaceholderData }) => isPlaceholderData),
    isWhole: asked.every((one) => one.isSuccess && !one.isPlaceholderData),
    forecast: forecast.isPlaceholderData ? undefined : forecast.data,
    lateness: isAhead || lateness.isPlaceholderData ? undefined : lateness.data,
    planned: isPast || planned.isPlaceholderData ? undefined : planned.data,
  };
};
