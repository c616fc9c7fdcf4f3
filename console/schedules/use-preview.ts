import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Preview, Schedule } from '../http/answers';
import { ask } from '../http/client';
import { serverNow } from '../time/clock';
import { clockChanges, type ClockChange } from '../time/clock-change';

export type Rule = Pick<
  Schedule,
  'timing' | 'timeZone' | 'clockChange' | 'monthEnd' | 'exclude' | 'startAt' | 'endAt' | 'maxCount'
>;

/** All of a schedule that decides when it runs. */
export const ruleIn = ({
  timing,
  timeZone,
  clockChange,
  monthEnd,
  exclude,
  startAt,
  endAt,
  maxCount,
}: Rule): Rule => ({
  ...{ timing, timeZone },
  ...(clockChange && { clockChange }),
  ...(monthEnd && { monthEnd }),
  ...(exclude && { exclude }),
  ...(startAt !== undefined && { startAt }),
  ...(endAt !== undefined && { endAt }),
  ...(maxCount !== undefined && { maxCount }),
});

const SHOWN = 6;
/** As many as a preview gives. */
export const MOST_PREVIEWED = 100;
const SECOND_MS = 1_000;

/** What a rule comes to. @throws Problem */
export const previewOf = async (body: object, signal: AbortSignal): Promise<Preview> => {
  const response = await ask('v1/schedules/preview', { method: 'POST', body, signal });
  return (await response.json()) as Preview; // as the API describes it
};

const KEPT = { placeholderData: keepPreviousData, staleTime: 30_000 } as const;

/** What the rule has from a change of clocks on; where they go back, from the time on that they show twice. */
const useAround = (rule: Rule, change: ClockChange | undefined, isAsked: boolean) =>
  useQuery({
    queryKey: ['preview', rule, change?.at],
    queryFn: ({ signal }) => {
      const { at = 0, byMs = 0 } = change ?? {};
      const from = new Date(at + Math.min(0, byMs) - SECOND_MS).toISOString();
      return previewOf({ ...rule, from, count: MOST_PREVIEWED }, signal);
    },
    enabled: change !== undefined && isAsked,
    ...KEPT,
  });

/** What a rule comes to, next and at the next changes of clocks, forward and back. */
export const usePreview = (rule: Rule) => {
  const changes = useMemo(() => clockChanges(rule.timeZone, serverNow()), [rule.timeZone]);
  const next = useQuery({
    queryKey: ['preview', rule],
    queryFn: ({ signal }) => previewOf({ ...rule, count: SHOWN }, signal),
    ...KEPT,
  });
  const forward = useAround(rule, changes.forward, next.isSuccess);
  const back = useAround(rule, changes.back, next.isSuccess);
  return { next, changes, forward, back };
};
