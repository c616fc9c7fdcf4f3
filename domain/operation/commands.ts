import type { Decision } from '../decider';
import type { OperationDefinition } from './definition';
import type { OperationEvent } from './events';
import type { ItemOutcome } from './outcomes';

export type StartOperation = {
  readonly type: 'StartOperation';
  readonly definition: OperationDefinition;
  /** Of one whose jobs are named: each once. */
  readonly jobIds?: readonly string[];
};
/** The batches that come next of a selection, or its first ones, from `batch` on. */
export type SelectJobs = {
  readonly type: 'SelectJobs';
  readonly batch: number;
  readonly batches: readonly (readonly string[])[];
};
export type CompleteSelection = { readonly type: 'CompleteSelection'; readonly asOf: string };
/** More jobs fit than one operation may change. */
export type RefuseSelection = { readonly type: 'RefuseSelection'; readonly problem: string };
export type RecordProgress = {
  readonly type: 'RecordProgress';
  readonly batch: number;
  readonly outcomes: readonly ItemOutcome[];
};
export type StopOperation = { readonly type: 'StopOperation'; readonly reason?: string };
/** Ends one that is to stop before its jobs were known. */
export type EndUnselected = { readonly type: 'EndUnselected' };

export type OperationCommand =
  | StartOperation
  | SelectJobs
  | CompleteSelection
  | RefuseSelection
  | RecordProgress
  | StopOperation
  | EndUnselected;

/** The named no's of an operation. */
export type OperationRejection =
  | { readonly code: 'operation-not-found' }
  | { readonly code: 'operation-exists' }
  | { readonly code: 'operation-ended' }
  | { readonly code: 'operation-open' }
  | { readonly code: 'operation-not-undoable' }
  /** Of the process that carries it out: what it saw is old. */
  | { readonly code: 'operation-moved-on' };

export type OperationDecision = Decision<OperationEvent, OperationRejection>;
