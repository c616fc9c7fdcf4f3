import { randomUUID } from 'node:crypto';
import type { Webhooks } from '../../../api/routes/webhooks/deps';
import { pastWebhookList, type PastWebhookListDeps } from '../../../commands/webhooks/past-list';
import { webhookAsOf } from '../../../commands/webhooks/webhook-as-of';
import { webhookCommands } from '../../../commands/webhooks/webhook-commands';
import type { EventLog } from '../../../domain/event-log';
import { systemClock } from '../../../infra/clock';
import { uuids } from '../../../infra/ids';
import { askedDeliveries } from '../../../infra/postgres/webhooks/asked';
import { webhookDeliveries } from '../../../infra/postgres/webhooks/deliveries';
import { webhookFanOut } from '../../../infra/postgres/webhooks/fan-out';
import { webhookQueues } from '../../../infra/postgres/webhooks/queues';
import { newWebhookSecret, secretBox } from '../../../infra/secret-box';
import { deliveryList } from '../../../projections/queries/webhooks/deliveries';
import { webhookList } from '../../../projections/queries/webhooks/list';
import { outgoingCalls } from '../../calling/outgoing-calls';
import { notifierMetrics } from '../../notifying/metrics';
import { notifier } from '../../notifying/notifier';
import { KEPT_BODY_BYTES, sender } from '../../notifying/send';
import { notifierDefaults } from '../../notifying/settings';
import { testDelivery } from '../../notifying/test-delivery';
import type { Process } from '../../runtime/process';
import { onSameLog } from '../../starting/same-log';
import type { Shared } from '../shared';

/** Shorter than a request may take: whoever tests a webhook waits for the answer. */
const TEST_TIMEOUT_MS = 8_000;
/** At once, of one instance of the API. */
const MAX_TESTS = 20;

const boxOf = ({ config }: Shared) => secretBox(config.SIGNING_SECRET, 'webhook secrets');

const sendOf = (shared: Shared, timeoutMs: number) =>
  sender({
    box: boxOf(shared),
    post: outgoingCalls({
      callsPerHost: notifierDefaults.queuesPerHost * notifierDefaults.callsPerQueue,
      timeoutMs,
      maxBodyBytes: KEPT_BODY_BYTES,
      allowPrivateTargets: shared.config.ALLOW_PRIVATE_TARGETS,
    }),
    timeoutMs,
  });

const commandsOf = (shared: Shared, log: EventLog) =>
  webhookCommands({
    ...{ log, clock: systemClock, ids: uuids, box: boxOf(shared) },
    newSecret: newWebhookSecret,
  });

export const composeNotifier = (shared: Shared): Process => {
  const { logger, metrics, eventLog, database, onProjected, otherEvents, vitals } = shared;
  const told = notifierMetrics(metrics);
  const make = (): Process =>
    notifier({
      holder: `notifier-${randomUUID()}`,
      fanOut: webhookFanOut(database()),
      queues: webhookQueues(database()),
      deliveries: webhookDeliveries(database()),
      commands: commandsOf(shared, eventLog()),
      send: sendOf(shared, notifierDefaults.callTimeoutMs),
      ids: uuids,
      onChanges: onProjected,
      clock: systemClock,
      draw: Math.random,
      logger,
      metrics: told,
      vitals: vitals('notifier'),
    });
  return onSameLog({ name: 'notifier', make, look: otherEvents, vitals: vitals('notifier') });
};

/** What the API needs of webhooks. */
export const webhooksOf = (shared: Shared, log: EventLog): Webhooks => {
  const db = shared.database();
  const { wake, resend, keepTest } = askedDeliveries(db);
  const list = webhookList(db);
  const asOf: PastWebhookListDeps['asOf'] = (...asked) => webhookAsOf(log, ...asked);
  return {
    commands: commandsOf(shared, log),
    ...{ list, asOf, pastList: pastWebhookList({ made: list.made, asOf }) },
    deliveries: deliveryList(db),
    ...{ wake, resend },
    test: testDelivery({
      send: sendOf(shared, TEST_TIMEOUT_MS),
      ...{ keepTest, ids: uuids, clock: systemClock, maxTests: MAX_TESTS },
    }),
    openSecret: boxOf(shared).open,
  };
};
