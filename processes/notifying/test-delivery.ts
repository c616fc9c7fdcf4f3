import type { Ids } from '../../domain/ids';
import { toTimestamp, type Clock } from '../../domain/time';
import { testBody } from '../../domain/webhook/delivery';
import type { KnownWebhook } from '../../domain/webhook/state';
import type { AskedDeliveries } from '../../infra/postgres/webhooks/asked';
import type { Attempted } from '../../infra/postgres/webhooks/deliveries';
import type { Send } from './send';

export type TestDeps = {
  readonly send: Send;
  readonly keepTest: AskedDeliveries['keepTest'];
  readonly ids: Pick<Ids, 'next'>;
  readonly clock: Clock;
  /** At once: of all owners, who each have one. */
  readonly maxTests: number;
};

/** Sends a test by itself, whatever waits and whether or not the webhook is on: its owner looks at the answer. */
export const testDelivery = ({ send, keepTest, ids, clock, maxTests }: TestDeps) => {
  const testing = new Set<string>();

  const run = async (
    webhookId: string,
    { definition, secret, previous }: KnownWebhook,
  ): Promise<Attempted & { readonly deliveryId: string }> => {
    const deliveryId = ids.next();
    const at = clock.now();
    const body = testBody(webhookId, toTimestamp(at));
    const target = { webhookId, url: definition.url, secret, previous };
    const signal = new AbortController().signal;
    const attempted = await send(target, { deliveryId, body }, at, signal);
    await keepTest({ deliveryId, webhookId, body, at, ...attempted });
    return { deliveryId, ...attempted };
  };

  return (webhookId: string, webhook: KnownWebhook) => {
    const { ownerId } = webhook.definition;
    if (testing.has(ownerId) || testing.size >= maxTests) return undefined;
    testing.add(ownerId);
    return run(webhookId, webhook).finally(() => testing.delete(ownerId));
  };
};
