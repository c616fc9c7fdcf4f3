import { shardOf } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import {
  LANE_COUNT,
  type DueRow,
  type LaneSpan,
  type ShardRange,
} from '../../projections/queries/dispatching/due-jobs';

/** All lanes whole, up to a time. */
export const allLanes = (dueUpTo: Instant): readonly LaneSpan[] =>
  Array.from({ length: LANE_COUNT }, (_, lane) => ({ lane, dueUpTo }));

export const allShards: readonly ShardRange[] = [{ from: 0, to: 255 }];

/** The id of the n-th job of a test; its shard is n modulo 256. */
export const nthJobId = (n: number): string =>
  `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const dueRow = (n: number, changes: Partial<DueRow> = {}): DueRow => {
  const jobId = nthJobId(n);
  return {
    jobId,
    dueAt: 1_000,
    shard: shardOf(jobId),
    lane: 0,
    attempt: 1,
    revision: 0n,
    position: BigInt(n),
    timeoutMs: 60_000,
    ownerId: 'ada',
    name: 'pay the invoice',
    location: 'print:',
    queue: 'default',
    ...changes,
  };
};
