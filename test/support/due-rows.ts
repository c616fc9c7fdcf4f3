import { slotOf } from '../../domain/ids';
import type { DueRow } from '../../projections/queries/due-jobs';

/** The id of the n-th job of a test; its slot is n modulo 256. */
export const nthJobId = (n: number): string =>
  `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const dueRow = (n: number, changes: Partial<DueRow> = {}): DueRow => {
  const jobId = nthJobId(n);
  return {
    jobId,
    dueAt: 1_000,
    slot: slotOf(jobId),
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
