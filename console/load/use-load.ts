import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Forecast, Lateness, PlannedRuns } from '../http/answers';
import { readFresh } from '../http/client';
import { useNow } from '../time/now';
import { windowOf, type Step } from './grid';

/** What is due by minute changes by the minute; a hidden page asks for nothing. */
const LOOK_MS: Readonly<Record<Step, number>> = { minute: 10_000, hour: 30_000, day: 60_000 };

const PLANNED_LOOK_MS = 60_000;

/** What waits, what schedules have ahead and how late things started, around now; read again while it is looked at. */
export const useLoad = (step: Step) => {
  const window = windowOf(step, useNow());
  const from = new Date(window.from).toISOString();
  const to = new Date(window.to).toISOString();
  const options = { refetchInterval: LOOK_MS[step], placeholderData: keepPreviousData };
  const forecast = useQuery({
    ...options,
    queryKey: ['load', 'forecast', step, from],
    queryFn: ({ signal }) => readFresh<Forecast>('v1/forecast', { step, from, to }, signal),
  });
  const lateness = useQuery({
    ...options,
    queryKey: ['load', 'lateness', step, from],
    queryFn: ({ signal }) => readFresh<Lateness>('v1/lateness', { step, from }, signal),
  });
  // rules change seldom, and are gone through for each answer
  const planned = useQuery({
    ...options,
    refetchInterval: PLANNED_LOOK_MS,
    queryKey: ['load', 'planned', step, from],
    queryFn: ({ signal }) =>
      readFresh<PlannedRuns>('v1/forecast/schedules', { step, from, to }, signal),
  });
  return { from: window.from, forecast, lateness, planned };
};
