import type { DryRun, JobStatus, OperationKind } from '../http/answers';
import { count } from '../time/format';

const PARTICIPLES: Readonly<Record<OperationKind, string>> = {
  cancel: 'cancelled',
  move: 'moved',
  redrive: 'run again',
};

type OneOrMore = readonly [one: string, more: string];

/** Why one or more jobs cannot be changed, by their status. */
const STANDING: Readonly<Record<JobStatus, OneOrMore>> = {
  scheduled: ['has not run yet', 'have not run yet'],
  queued: ['waits for an executor', 'wait for an executor'],
  running: ['is running', 'are running'],
  succeeded: ['has succeeded', 'have succeeded'],
  failed: ['has failed', 'have failed'],
  cancelled: ['is cancelled', 'are cancelled'],
  expired: ['has expired', 'have expired'],
  aborted: ['was stopped on request', 'were stopped on request'],
};
const UNKNOWN: OneOrMore = ['is not there', 'are not there'];
const STARTED: OneOrMore = ['has started', 'have started'];

/** @param atLeast  `+` where there may be more */
const counted = (many: number, [one, more]: OneOrMore, atLeast: string): string =>
  `${count(many)}${atLeast} ${many === 1 && atLeast === '' ? one : more}`;

/**
 * What a dry run found.
 *
 * @param shown  the statuses that the list is narrowed to; undefined: all
 */
export const found = (
  kind: OperationKind,
  { count: many, others, isComplete, startedSince = 0, unknown = 0 }: DryRun,
  shown: readonly string[] | undefined,
): string => {
  const atLeast = isComplete ? '' : '+';
  const kept = others
    .filter(({ status }) => !shown || shown.includes(status))
    .toSorted((a, b) => b.count - a.count);
  const why = [
    ...kept.map((other) => counted(other.count, STANDING[other.status], atLeast)),
    ...(unknown > 0 ? [counted(unknown, UNKNOWN, '')] : []),
  ].join(', ');
  const since =
    startedSince > 0 ? ` ${counted(startedSince, STARTED, atLeast)} since the list was read.` : '';
  if (why === '')
    return many === 0
      ? `None of them can be ${PARTICIPLES[kind]} now.${since}`
      : `${counted(many, ['job', 'jobs'], '')} would be ${PARTICIPLES[kind]}.${since}`;
  const all = kept.reduce((sum, other) => sum + other.count, many + unknown);
  const of = counted(all, ['job', 'jobs'], atLeast);
  return `${many === 0 ? 'None' : count(many)} of ${of} would be ${PARTICIPLES[kind]}: ${why}.${since}`;
};
