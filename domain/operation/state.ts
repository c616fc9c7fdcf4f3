import type { Instant } from '../time';
import type { OperationDefinition } from './definition';
import type { OutcomeCounts } from './outcomes';

/**
 * `selecting`: its jobs are being looked up. `stopping`: somebody wants no more of it. The last two are its end.
 */
export const operationStatuses = [
  'selecting',
  'running',
  'stopping',
  'completed',
  'stopped',
] as const;
export type OperationStatus = (typeof operationStatuses)[number];

export const isOperationStatus = (text: string): text is OperationStatus =>
  (operationStatuses as readonly string[]).includes(text);

/** Statuses in which something is still to be done. */
const openStatuses: readonly OperationStatus[] = ['selecting', 'running', 'stopping'];

/** An operation without its jobs, of which there may be many. */
export type KnownOperation = OutcomeCounts & {
  readonly status: OperationStatus;
  readonly definition: OperationDefinition;
  readonly revision: bigint;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  /** What was selected, as far as it is. */
  readonly batches: number;
  readonly items: number;
  /** The position of the log as of which its jobs were selected; absent before that is done, and for named ones. */
  readonly asOf?: string;
  readonly isSelected: boolean;
  /** Batches whose outcomes are recorded. */
  readonly progressed: number;
  /** Why it was stopped. */
  readonly note?: string;
};

export type OperationState = { readonly status: 'none' } | KnownOperation;

export const initial: OperationState = { status: 'none' };

type Placed = { readonly type: string; readonly at: Instant; readonly revision: bigint };

export const known = (state: OperationState, fact: Placed): KnownOperation => {
  if (state.status === 'none')
    throw new Error(`${fact.type} without an OperationStarted before it`);
  return state;
};

export const isOpen = ({ status }: KnownOperation): boolean => openStatuses.includes(status);
