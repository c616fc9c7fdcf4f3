import type { AttemptCommands } from '../../../commands/attempt-commands';
import type { DueStock } from '../../../infra/nats/due-stock';
import type { SentRow } from '../../../projections/queries/rescuing/queued-jobs';
import type { DueMessages } from '../../protocol/due-messages';
import { jobDueHead, jobDueText, messageIdOf } from '../../protocol/job-due';
import { BrokerAway, type Helped } from '../contained';
import type { RescuerMetrics } from '../metrics';

export type SendAgainDeps = {
  readonly commands: Pick<AttemptCommands, 'redispatch' | 'failDelivery'>;
  readonly messages: Pick<DueMessages, 'publish'>;
  readonly stock: Pick<DueStock, 'refusalOf'>;
  readonly metrics: RescuerMetrics;
};

/** A message that the log has and the broker did not take. */
type Unsent = {
  readonly jobId: string;
  readonly attempt: number;
  readonly queue: string;
  readonly messageId: string;
  readonly text: string;
  readonly tries: number;
};

export type SendAgain = {
  /**
   * Records that a lost message is sent again, and sends it.
   *
   * @returns `settled` also when the broker had no room: `flush` sends it
   * @throws BrokerAway, and what the log throws
   */
  readonly send: (lost: SentRow, maxDeliveries: number | undefined) => Promise<Helped>;
  /** Sends what the broker did not take before: until then nothing more may be recorded. @returns whether all of it went */
  readonly flush: () => Promise<boolean>;
  readonly isStuck: () => boolean;
};

/** What a message takes in the stream beside what the user gave: subject, headers, ids, ticket. */
const OVERHEAD_BYTES = 800;

/** Room that the message of a job takes in the stream, at least as much as it is. */
export const sizeOf = ({ payload, name, location, ownerId }: SentRow): number =>
  OVERHEAD_BYTES + Buffer.byteLength(JSON.stringify([payload, name, location, ownerId]));

/** Then it is taken for lost once more, so that one message that the broker dislikes does not stop all others. */
const MOST_TRIES = 5;

export const sendAgain = (deps: SendAgainDeps): SendAgain => {
  const { commands, messages, stock, metrics } = deps;
  // as many as were under way when the broker refused one: nothing is begun while there are any
  const unsent = new Map<string, Unsent>();

  const publish = async (message: Unsent): Promise<void> => {
    const { queue, jobId, attempt, messageId, text } = message;
    try {
      await messages.publish(queue, jobId, messageId, text);
      unsent.delete(jobId);
    } catch (error) {
      const refusal = stock.refusalOf(error);
      if (refusal?.kind === 'hopeless') {
        unsent.delete(jobId);
        const { code, message: reason } = refusal;
        await commands.failDelivery(jobId, attempt, { code, message: reason });
        metrics.rescued('undeliverable');
        return;
      }
      const tries = message.tries + (refusal ? 0 : 1); // that there is no room is no message's fault
      if (tries > MOST_TRIES) unsent.delete(jobId);
      else unsent.set(jobId, { ...message, tries });
      // the same message again, for one that may have been stored has an id that the broker knows
      if (!refusal) throw new BrokerAway('a message was not acknowledged', { cause: error });
    }
  };

  return {
    send: async (lost, maxDeliveries) => {
      if (unsent.size > 0) return 'skipped';
      const answer = await commands.redispatch(lost, maxDeliveries);
      if (answer.outcome === 'stale') return 'again';
      if (answer.outcome !== 'redispatched') {
        metrics.rescued(answer.outcome === 'failed' ? 'undeliverable' : 'expired');
        return 'settled';
      }
      const { revision, ticket } = answer;
      const sent = { ...lost, revision };
      const text = jobDueText(jobDueHead(sent), revision, ticket);
      const { jobId, attempt, queue } = lost;
      await publish({ jobId, attempt, queue, messageId: messageIdOf(sent), text, tries: 0 });
      metrics.rescued('redispatched');
      return 'settled';
    },
    flush: async () => {
      for (const message of [...unsent.values()]) {
        await publish(message);
        if (unsent.has(message.jobId)) return false;
      }
      return true;
    },
    isStuck: () => unsent.size > 0,
  };
};
