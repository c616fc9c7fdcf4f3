import type { Lateness, MinuteLoad, TotalLoad } from '../../domain/simulation/by-minute';
import { toTimestamp } from '../../domain/time';
import { aligned } from '../table';

/** One set of settings, with what it led to. */
export type Outcome = {
  readonly minutes: readonly MinuteLoad[];
  readonly total: TotalLoad;
};

const lateCells = (late: Lateness | undefined): readonly string[] =>
  late ? [late.p50Ms, late.p99Ms, late.maxMs].map(String) : ['', '', ''];

const HEADS = ['start', 'finish', 'running', 'waiting', 'p50', 'p99', 'max'] as const;

const cellsOf = (minute: MinuteLoad | undefined): readonly string[] =>
  minute
    ? [
        String(minute.started),
        String(minute.finished),
        String(minute.runningPeak),
        String(minute.backlogPeak),
        ...lateCells(minute.lateness),
      ]
    : HEADS.map(() => '');

/** A line for each of the first `most` minutes in which something happens, the outcomes side by side. */
export const minuteTable = (outcomes: readonly Outcome[], most: number): string => {
  const byTime = outcomes.map(({ minutes }) => new Map(minutes.map((one) => [one.at, one])));
  const times = [...new Set(byTime.flatMap((minutes) => [...minutes.keys()]))].sort(
    (a, b) => a - b,
  );
  const heads = [
    'minute',
    'due',
    ...outcomes.flatMap((_, n) => [...(n > 0 ? ['|'] : []), ...HEADS]),
  ];
  const rows = times.slice(0, most).map((at) => {
    const its = byTime.map((minutes) => minutes.get(at));
    return [
      `${toTimestamp(at).slice(0, 16)}Z`,
      String(its[0]?.due ?? 0),
      ...its.flatMap((minute, n) => [...(n > 0 ? ['|'] : []), ...cellsOf(minute)]),
    ];
  });
  const rest = times.length - rows.length;
  return [
    ...aligned([heads, ...rows], 0),
    ...(rest > 0 ? [`… and ${rest} more minutes: --minutes ${times.length} shows all`] : []),
  ].join('\n');
};

export const totalText = ({ jobs, lateness, ...total }: TotalLoad): string => {
  const { p50Ms, p99Ms, maxMs } = lateness;
  return `${jobs} jobs, late p50 ${p50Ms} / p99 ${p99Ms} / max ${maxMs} ms, at most ${total.runningPeak} running and ${total.backlogPeak} waiting, the last one finished at ${toTimestamp(total.lastFinishedAt)}`;
};
