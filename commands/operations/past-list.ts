import { hadSettled, type AsOf } from '../../domain/audit/as-of';
import type { Actor } from '../../domain/events/metadata';
import type { OperationFilter, OperationKey } from '../../domain/operation/filter';
import type { MadeOperation } from '../../domain/operation/known-operations';
import type { KnownOperation } from '../../domain/operation/state';
import { operationViewOf, type OperationView } from '../../domain/operation/view';
import type { Instant } from '../../domain/time';
import { pastPage } from '../past/past-page';
import type { PastOperation, PastOperationAsked } from './operation-as-of';
import { OperationUnreadable } from './operation-stream';

export type PastOperationListDeps = {
  /** Operations that were ever started, the newest first. */
  readonly made: (
    which: { readonly ownerId?: string },
    page: { readonly limit: number; readonly after?: OperationKey },
  ) => Promise<readonly MadeOperation[]>;
  readonly asOf: (asked: PastOperationAsked) => Promise<PastOperation>;
};

export type PastOperationListRequest = {
  readonly asOf: AsOf;
  readonly actor: Actor;
  readonly filter: OperationFilter;
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: OperationKey;
  readonly signal: AbortSignal;
};

export type PastOperationPage = {
  readonly items: readonly OperationView[];
  readonly next?: OperationKey;
};

type Found = OperationKey & { readonly operation: KnownOperation };

/** Comes first of all that were started at a time or before: no operation has this id, and none later is listed. */
const upTo = (at: Instant): OperationKey => ({
  startedAt: at + 1,
  operationId: '00000000-0000-0000-0000-000000000000',
});

/** Nothing follows the end of an operation: what had ended by then is as it stands now. */
const isAsNow = ({ operation: { endedAt }, position }: MadeOperation, asOf: AsOf): boolean =>
  endedAt !== undefined && hadSettled({ at: endedAt, position }, asOf);

/**
 * A list of operations as it stood then: same filters, same order. Those that had not ended are folded from their
 * streams; one that cannot be read is left out, and holds up no other.
 *
 * @throws EventLogUnavailable, EventTooNew, what the read model throws, or the reason of an aborted `signal`
 */
export const pastOperationList =
  (deps: PastOperationListDeps) =>
  async (request: PastOperationListRequest): Promise<PastOperationPage> => {
    const { asOf, actor, filter, limit, signal } = request;
    const { ownerId, status } = filter;

    const stood = async (made: MadeOperation): Promise<KnownOperation | undefined> => {
      if (isAsNow(made, asOf)) return made.operation;
      const { operationId } = made;
      const past = await deps
        .asOf({ operationId, actor, asOf, signal })
        .catch((error: unknown): PastOperation => {
          if (error instanceof OperationUnreadable) return { outcome: 'none' };
          throw error;
        });
      if (past.outcome === 'too-long') signal.throwIfAborted();
      return past.outcome === 'found' ? past.known : undefined;
    };
    const then = async (made: MadeOperation): Promise<readonly Found[]> => {
      const operation = await stood(made);
      if (!operation || (status && !status.includes(operation.status))) return [];
      return [{ startedAt: made.startedAt, operationId: made.operationId, operation }];
    };

    const { items, next } = await pastPage<OperationKey, MadeOperation, Found>(
      {
        made: (page) => deps.made(ownerId === undefined ? {} : { ownerId }, page),
        listed: async (made) => (await Promise.all(made.map(then))).flat(),
        keyOf: ({ startedAt, operationId }) => ({ startedAt, operationId }),
      },
      {
        ...(limit !== undefined && { limit }),
        after: request.after ?? (asOf.kind === 'time' ? upTo(asOf.at) : undefined),
        signal,
      },
    );
    return {
      items: items.map(({ operationId, operation }) => operationViewOf(operationId, operation)),
      ...(next && { next }),
    };
  };
