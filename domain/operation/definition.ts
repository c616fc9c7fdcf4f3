import type { JobFilter } from '../job/filter';
import type { JobStatus } from '../job/state';
import { fromTimestamp, toTimestamp, type Timestamp } from '../time';

export const operationKinds = ['cancel', 'move', 'redrive'] as const;
export type OperationKind = (typeof operationKinds)[number];

/** A filter of jobs as events and answers have it. */
export type WrittenFilter = Omit<JobFilter, 'from' | 'to'> & {
  readonly from?: Timestamp;
  readonly to?: Timestamp;
};

export const writtenFilter = ({ from, to, ...rest }: JobFilter): WrittenFilter => ({
  ...rest,
  ...(from !== undefined && { from: toTimestamp(from) }),
  ...(to !== undefined && { to: toTimestamp(to) }),
});

export const readWrittenFilter = ({ from, to, ...rest }: WrittenFilter): JobFilter => ({
  ...rest,
  ...(from !== undefined && { from: fromTimestamp(from) }),
  ...(to !== undefined && { to: fromTimestamp(to) }),
});

/** Which jobs an operation is about. */
export type Selection =
  | { readonly by: 'filter'; readonly filter: WrittenFilter }
  /** Named one by one. */
  | { readonly by: 'ids' }
  /** Those that an earlier operation has moved: each goes back to where it was. */
  | { readonly by: 'undo'; readonly operationId: string };

export type OperationDefinition = {
  /** The principal that started it. */
  readonly ownerId: string;
  /** As whom it changes jobs: a user's own, or anybody's. */
  readonly role: 'user' | 'operator';
  readonly kind: OperationKind;
  readonly selection: Selection;
  /** Of a move, unless it is an undo: by how much later each job is due; negative for earlier. */
  readonly byMs?: number;
  readonly reason?: string;
};

const changeable: Readonly<Record<OperationKind, readonly JobStatus[]>> = {
  cancel: ['scheduled', 'queued'],
  move: ['scheduled', 'queued'],
  redrive: ['failed'],
};

/** What a filter selects: unless it names statuses, only jobs that the kind can change. */
export const selected = (kind: OperationKind, filter: JobFilter): JobFilter => ({
  ...filter,
  status: filter.status ?? changeable[kind],
});
