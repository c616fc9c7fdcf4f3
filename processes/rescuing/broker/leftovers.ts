import type { AttemptCommands } from '../../../commands/attempt-commands';
import type { DueStock, StoredSubject } from '../../../infra/nats/due-stock';
import type { QueuedJobs, Standing } from '../../../projections/queries/rescuing/queued-jobs';
import { contained, type ContainedDeps, type Helped } from '../contained';
import { fromBroker } from './from-broker';

export type LeftoverDeps = ContainedDeps & {
  readonly commands: Pick<AttemptCommands, 'look'>;
  readonly queued: Pick<QueuedJobs, 'standing'>;
  readonly stock: DueStock;
};

/** Takes messages out of the broker whose jobs want no start by them any more. */
export type Leftovers = {
  /** @param subjects  jobs with messages in the broker, about which nothing is known yet */
  readonly remove: (subjects: readonly StoredSubject[]) => Promise<void>;
};

const AT_ONCE = 5_000;

const revisionIn = (messageId: string): bigint | undefined => {
  const [, revision] = /^[\w-]+\/\d+\/(\d+)$/.exec(messageId) ?? [];
  return revision === undefined ? undefined : BigInt(revision);
};

/**
 * Whether a claim by the message will be refused for ever. A row that is as new as the message tells it:
 * only the revision of the last dispatch can be claimed. A running job keeps its message, which
 * brings its executor an answer that got lost.
 */
const isVoid = (messageId: string, { status, revision }: Standing): boolean => {
  const sentFor = revisionIn(messageId);
  if (sentFor === undefined || status === 'running') return false;
  return status === 'queued' ? sentFor < revision : sentFor <= revision;
};

export const leftovers = (deps: LeftoverDeps): Leftovers => {
  const { commands, queued, stock, metrics } = deps;
  const { each } = contained('left', { ...deps, concurrency: Math.max(deps.concurrency, 64) });

  const take = async (
    messageId: string,
    sequence: number,
    standing: Standing,
  ): Promise<boolean> => {
    if (!isVoid(messageId, standing)) return false;
    // by its number: a newer message of the same job stays
    if (await fromBroker(stock.remove(sequence))) metrics.removed();
    return true;
  };

  /** A job that the read model does not know: foreign, or of another log. */
  const byStream = async (jobId: string): Promise<Standing | undefined> =>
    (await commands.look(jobId)) === undefined
      ? { jobId, status: 'cancelled', revision: BigInt(Number.MAX_SAFE_INTEGER) }
      : undefined;

  const clear = async (
    { queue, jobId, messages }: StoredSubject,
    known: Standing | undefined,
  ): Promise<Helped> => {
    const standing = known ?? (await byStream(jobId));
    if (!standing) return 'again';
    if (standing.status === 'running' || (standing.status === 'queued' && messages === 1))
      return 'settled';
    if (messages === 1) {
      const newest = await fromBroker(stock.newest(queue, jobId));
      const isDone = !newest || (await take(newest.messageId, newest.sequence, standing));
      return isDone ? 'settled' : 'again';
    }
    for (const { messageId, sequence } of await fromBroker(stock.all(queue, jobId)))
      await take(messageId, sequence, standing);
    return 'settled';
  };

  return {
    remove: async (subjects) => {
      for (let i = 0; i < subjects.length; i += AT_ONCE) {
        const chunk = subjects.slice(i, i + AT_ONCE);
        const rows = await queued.standing(chunk.map(({ jobId }) => jobId));
        const standing = new Map(rows.map((row) => [row.jobId, row]));
        await each(chunk, (subject) => clear(subject, standing.get(subject.jobId)));
      }
    },
  };
};
