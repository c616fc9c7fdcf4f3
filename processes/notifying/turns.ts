import type { DueQueue } from '../../infra/postgres/webhooks/queues';
import type { NotifierSettings } from './settings';

type Shares = Pick<NotifierSettings, 'queues' | 'queuesPerOwner' | 'queuesPerHost'>;

/** Who is delivered to right now, so that no owner and no host has more than its share. */
export type Turns = {
  readonly has: (webhookId: string) => boolean;
  readonly begin: (queue: DueQueue) => void;
  readonly end: (webhookId: string) => void;
  readonly size: () => number;
  readonly free: () => number;
  /** Owners and hosts that have their share. */
  readonly full: () => { readonly owners: readonly string[]; readonly hosts: readonly string[] };
  /** Of these, in their order, as many as may begin. */
  readonly choose: (queues: readonly DueQueue[]) => readonly DueQueue[];
};

const countOf = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;

const counted = (keys: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, countOf(counts, key) + 1);
  return counts;
};

const fullIn = (counts: ReadonlyMap<string, number>, max: number): readonly string[] =>
  [...counts].filter(([, count]) => count >= max).map(([key]) => key);

export const turns = ({ queues: max, queuesPerOwner, queuesPerHost }: Shares): Turns => {
  const running = new Map<string, DueQueue>();
  const owners = () => counted([...running.values()].map(({ ownerId }) => ownerId));
  const hosts = () => counted([...running.values()].map(({ host }) => host));
  return {
    has: (webhookId) => running.has(webhookId),
    begin: (queue) => {
      running.set(queue.webhookId, queue);
    },
    end: (webhookId) => {
      running.delete(webhookId);
    },
    size: () => running.size,
    free: () => max - running.size,
    full: () => ({
      owners: fullIn(owners(), queuesPerOwner),
      hosts: fullIn(hosts(), queuesPerHost),
    }),
    choose: (queues) => {
      const [ofOwner, ofHost] = [owners(), hosts()];
      const chosen: DueQueue[] = [];
      for (const queue of queues) {
        const { webhookId, ownerId, host } = queue;
        const isFull =
          countOf(ofOwner, ownerId) >= queuesPerOwner || countOf(ofHost, host) >= queuesPerHost;
        if (isFull || running.has(webhookId) || running.size + chosen.length >= max) continue;
        ofOwner.set(ownerId, countOf(ofOwner, ownerId) + 1);
        ofHost.set(host, countOf(ofHost, host) + 1);
        chosen.push(queue);
      }
      return chosen;
    },
  };
};
