import type { AsOf } from '../../domain/audit/as-of';
import type { EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { operation as decider } from '../../domain/operation/decide';
import { batchesAfter, type ItemBatch } from '../../domain/operation/items';
import type { KnownOperation, OperationState } from '../../domain/operation/state';
import { streamAsOf, type Past, type PastStream } from '../past/stream-as-of';
import {
  isForeignTo,
  OperationUnreadable,
  readFacts,
  type LoadedOperationFact,
} from './operation-stream';

/** Which operation, who asks, and as of when. */
export type PastOperationAsked = {
  readonly operationId: string;
  readonly actor: Actor;
  readonly asOf: AsOf;
  /** Ends it: then it is `too-long`. */
  readonly signal: AbortSignal;
};

export type PastOperation = Past<KnownOperation>;

/** An operation with the jobs that it was about by then. */
export type OperationWithItems = {
  readonly operation: KnownOperation;
  readonly batches: readonly ItemBatch[];
};

export type PastOperationDeps = {
  readonly log: Pick<EventLog, 'read'>;
  /** Whose it is, where its stream does not say so (any more); undefined where nobody knows it. */
  readonly ownerOf: (operationId: string) => Promise<string | undefined>;
};

/** Events of one read: each has up to 200 jobs or outcomes. */
const PART_EVENTS = 200;

const knownIn = (state: OperationState): KnownOperation | undefined =>
  state.status === 'none' ? undefined : state;

const streamOf = (
  { log, ownerOf }: PastOperationDeps,
  { operationId, actor }: PastOperationAsked,
): Pick<
  PastStream<never, LoadedOperationFact, never>,
  'id' | 'Unreadable' | 'partEvents' | 'read' | 'ownerOf' | 'isForeign'
> => ({
  ...{ id: operationId, Unreadable: OperationUnreadable, partEvents: PART_EVENTS },
  read: (...part) => readFacts(log, operationId, ...part),
  ownerOf: () => ownerOf(operationId),
  isForeign: (ownerId) => isForeignTo(actor, ownerId),
});

/**
 * An operation as it stood then, folded from its first event.
 *
 * @throws EventLogUnavailable, EventTooNew, OperationUnreadable
 */
export const operationAsOf =
  (deps: PastOperationDeps) =>
  (asked: PastOperationAsked): Promise<PastOperation> =>
    streamAsOf<OperationState, LoadedOperationFact, KnownOperation>(
      {
        ...streamOf(deps, asked),
        ...{ initial: decider.initial, evolve: decider.evolve, knownIn },
        ownerIn: ({ definition }) => definition.ownerId,
      },
      asked.asOf,
      asked.signal,
    );

type StateWithItems = Pick<OperationWithItems, 'batches'> & { readonly operation: OperationState };

/** The same with its jobs. */
export const operationItemsAsOf =
  (deps: PastOperationDeps) =>
  (asked: PastOperationAsked): Promise<Past<OperationWithItems>> =>
    streamAsOf<StateWithItems, LoadedOperationFact, OperationWithItems>(
      {
        ...streamOf(deps, asked),
        initial: { operation: decider.initial, batches: [] },
        evolve: ({ operation, batches }, fact) => ({
          operation: decider.evolve(operation, fact),
          batches: batchesAfter(batches, fact),
        }),
        knownIn: ({ operation, batches }) => {
          const known = knownIn(operation);
          return known && { operation: known, batches };
        },
        ownerIn: ({ operation }) => operation.definition.ownerId,
      },
      asked.asOf,
      asked.signal,
    );
