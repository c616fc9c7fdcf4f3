import { pageOfItems, type FoldedItem, type ItemsAsked } from '../../domain/operation/items';
import type { Past } from '../past/stream-as-of';
import type { OperationWithItems, PastOperationAsked } from './operation-as-of';

export type PastItem = FoldedItem & {
  /** What the job is called; absent for one that is not there, or not the operation's to change. */
  readonly name?: string;
};

export type PastItemPage = { readonly items: readonly PastItem[]; readonly next?: number };

export type PastItemsDeps = {
  readonly asOf: (asked: PastOperationAsked) => Promise<Past<OperationWithItems>>;
  /** What these jobs are called, which never changes: those of this owner, or of anybody. */
  readonly namesOf: (
    jobIds: readonly string[],
    ownerId: string | undefined,
  ) => Promise<ReadonlyMap<string, string>>;
};

/**
 * The jobs of an operation, and what had become of each by then.
 *
 * @throws EventLogUnavailable, EventTooNew, OperationUnreadable, or what the read model throws
 */
export const pastItems =
  ({ asOf, namesOf }: PastItemsDeps) =>
  async (asked: PastOperationAsked, which: ItemsAsked): Promise<Past<PastItemPage>> => {
    const past = await asOf(asked);
    if (past.outcome !== 'found') return past;
    const { operation, batches } = past.known;
    const { ownerId, role } = operation.definition;
    const { items, ...more } = pageOfItems(batches, operation.endedAt !== undefined, which);
    const names = await namesOf(
      items.map(({ jobId }) => jobId),
      role === 'operator' ? undefined : ownerId,
    );
    const named = items.map((item): PastItem => {
      const name = names.get(item.jobId);
      return name === undefined ? item : { ...item, name };
    });
    return { ...past, known: { items: named, ...more } };
  };
