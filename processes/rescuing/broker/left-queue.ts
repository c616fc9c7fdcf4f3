import type { DueStock, StoredSubject } from '../../../infra/nats/due-stock';
import type { LeftJob, QueuedJobs } from '../../../projections/queries/rescuing/queued-jobs';
import type { Timers } from '../../runtime/timers';
import { fromBroker } from './from-broker';
import type { Leftovers } from './leftovers';
import type { Search } from '../search';

export type LeftQueueDeps = {
  readonly queued: Pick<QueuedJobs, 'left' | 'look'>;
  readonly stock: DueStock;
  readonly leftovers: Leftovers;
  readonly timers: Timers;
};

const PAGE = 5_000;
/** Up to so many are asked for one by one; for more, the list of all subjects is cheaper. */
const FEW = 64;
/** That list takes at most this share of the time: so much waits until the next one for each ms of it. */
const REST = 20;

/**
 * Follows the status changes: a job that was cancelled, moved or expired while its message waited leaves
 * the broker within seconds. What it misses, the comparison with the whole broker finds later.
 */
export const leftQueueSearch = ({ queued, stock, leftovers, timers }: LeftQueueDeps): Search => {
  let after: bigint | undefined;

  const leftAfter = async (from: bigint, upTo: bigint): Promise<ReadonlyMap<string, LeftJob>> => {
    const left = new Map<string, LeftJob>();
    for (let position = from; ;) {
      const page = await queued.left(position, upTo, PAGE);
      for (const job of page) left.set(job.jobId, job);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return left;
      ({ position } = last);
    }
  };

  const storedOf = async (
    left: ReadonlyMap<string, LeftJob>,
  ): Promise<readonly StoredSubject[]> => {
    const stored: StoredSubject[] = [];
    await fromBroker(
      stock.subjects((subject) => {
        if (left.has(subject.jobId)) stored.push(subject);
      }),
    );
    return stored;
  };

  return {
    name: 'left',
    round: async () => {
      const { position } = await queued.look();
      // nothing is known of before, or the log is another one
      if (after === undefined || after > position) after = position;
      if (after === position) return undefined;
      const { messages } = await fromBroker(stock.state());
      if (messages > 0) {
        const left = await leftAfter(after, position);
        const startMs = timers.monotonicMs();
        const isMany = left.size > FEW;
        const stored = isMany
          ? await storedOf(left)
          : [...left.values()].map(({ queue, jobId }) => ({ queue, jobId, messages: 1 }));
        await leftovers.remove(stored);
        if (isMany) {
          after = position;
          return REST * (timers.monotonicMs() - startMs);
        }
      }
      after = position;
      return undefined;
    },
  };
};
