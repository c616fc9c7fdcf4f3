import type { Ids } from '../../domain/ids';
import { isAskedFor } from '../../domain/webhook/definition';
import { deliveryBody } from '../../domain/webhook/delivery';
import { eventTypeOf } from '../../domain/webhook/event-types';
import type { NewDelivery, Telling } from '../../infra/postgres/webhooks/fan-out';

/**
 * What is to be sent of these changes. Told twice, it is the same delivery; what a restored log has at the same place
 * is another one, and so is the next life of a job that was restored.
 */
export const deliveriesOf =
  (ids: Pick<Ids, 'derive'>) =>
  (tellings: readonly Telling[]): readonly NewDelivery[] =>
    tellings
      .map(({ change, ...to }) => ({ ...to, change, eventType: eventTypeOf(change.status) }))
      .filter(({ definition, change: { queue, tags }, eventType }) =>
        isAskedFor(definition, { eventType, queue, tags }),
      )
      .map(({ webhookId, change, eventType }) => ({
        deliveryId: ids.derive(
          'delivery',
          webhookId,
          change.jobId,
          String(change.revision),
          change.at,
        ),
        webhookId,
        eventType,
        position: change.position,
        jobId: change.jobId,
        body: deliveryBody(change),
      }));
