import { createInbox, type JetStreamManager, type NatsConnection } from 'nats';
import type { ServerCheck, Verdict } from '../server-check';
import { apiCodeOf } from './api-errors';
import type { BrokerCheckDeps } from './broker-needs';
import { publishDenied } from './denials';
import { dueConsumerInfo } from './due-consumer';
import { ACK_WAIT_MS, MAX_ACK_PENDING } from './due-queue';
import { consumerName, type BrokerNames } from './names';
import { check, denied, missing, ok, reduced } from './verdicts';

const API_TIMEOUT_MS = 3_000;
/** JetStream's codes for a consumer whose filter meets that of another one. */
const taken = new Set([10_099, 10_100]);

/** Whose filter takes in the queue's; empty when the broker does not tell. */
const othersOn = async (
  { consumers }: JetStreamManager,
  { stream }: BrokerNames,
  name: string,
): Promise<string> => {
  try {
    const all = await consumers.list(stream).next();
    const others = all.filter((one) => one.name !== name);
    return others
      .map((one) => `${one.name} (filter ${one.config.filter_subject ?? 'none'})`)
      .join(', ');
  } catch {
    return '';
  }
};

const consumerVerdict = async (
  connection: NatsConnection,
  names: BrokerNames,
  queue: string,
): Promise<Verdict> => {
  const settings = { queue, ackWaitMs: ACK_WAIT_MS, maxAckPending: MAX_ACK_PENDING };
  try {
    const { config } = await dueConsumerInfo(connection, names, settings);
    const { max_ack_pending: pending = -1, ack_wait: ackWaitNs = 0 } = config;
    const differences = [
      ...(pending > 0 && pending < MAX_ACK_PENDING
        ? [`max_ack_pending ${pending} of ${MAX_ACK_PENDING}`]
        : []),
      ...(ackWaitNs < ACK_WAIT_MS * 1e6 ? [`ack_wait ${ackWaitNs / 1e6} ms`] : []),
      ...((config.max_deliver ?? -1) > 0 ? [`max_deliver ${String(config.max_deliver)}`] : []),
    ];
    return differences.length === 0
      ? ok
      : reduced(
          differences.join(', '),
          'Raise the limit of the server, the account or the stream: jobs that wait for a slow target count too.',
        );
  } catch (error) {
    if (!taken.has(apiCodeOf(error) ?? 0)) throw error;
    const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
    const others = await othersOn(manager, names, consumerName(queue));
    return missing(
      `another consumer that takes its messages${others === '' ? '' : `: ${others}`}`,
      `Remove it (nats consumer rm ${names.stream} NAME), or let its filter leave out ${names.dueFilter(queue)}.`,
    );
  }
};

/** Asks in a way that is answered with an error, so that no message is given out; acks nothing that there is. */
const takeVerdict = async (
  connection: NatsConnection,
  { stream }: BrokerNames,
  queue: string,
): Promise<Verdict> => {
  const name = consumerName(queue);
  const denial =
    (await publishDenied(connection, `$JS.ACK.${stream}.${name}.probe`)) ??
    (await publishDenied(connection, `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, {
      body: '{',
      reply: createInbox(),
    }));
  return denial ? denied(denial) : ok;
};

export const consumerChecks = ({
  connection,
  names,
  needs: { takes },
}: BrokerCheckDeps): readonly ServerCheck[] =>
  takes === undefined
    ? []
    : [
        check(`the consumer ${consumerName(takes)}`, () =>
          consumerVerdict(connection, names, takes),
        ),
        check(`the right to take jobs of the queue ${takes}`, () =>
          takeVerdict(connection, names, takes),
        ),
      ];
