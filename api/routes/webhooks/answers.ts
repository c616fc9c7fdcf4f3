import type { WebhookAnswer } from '../../../commands/webhooks/webhook-answers';
import type { KnownWebhook } from '../../../domain/webhook/state';
import { webhookViewOf } from '../../../domain/webhook/view';
import { RETRY_AFTER } from '../../http/failures';
import { plainContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import type { Answer, Call, RouteAnswer } from '../../http/route';
import { webhookSchema } from '../../schemas/webhooks';
import { etagOf } from '../jobs/answers';
import type { WebhooksDeps } from './deps';

export const webhookPath = (webhookId: string): string => `/v1/webhooks/${webhookId}`;

export const commandedWebhook = (status: number, description: string): RouteAnswer => ({
  status,
  description,
  schema: webhookSchema,
  headers: {
    ETag: 'The revision of the webhook.',
    'Idempotent-Replayed': 'true, when the key has come before.',
    ...(status === 201 && { Location: 'Where the webhook is.' }),
  },
});

/** The answer to a command on one webhook, with the secret that it made. */
export const webhookAnswer = (
  { openSecret }: Pick<WebhooksDeps, 'openSecret'>,
  answer: WebhookAnswer,
  status = 200,
): Answer | Refusal => {
  if (answer.outcome === 'contended') return { code: 'contended', headers: RETRY_AFTER };
  if (answer.outcome === 'rejected') {
    const { rejection } = answer;
    return rejection.code === 'revision-mismatch'
      ? { code: rejection.code, headers: { ETag: etagOf(rejection.revision) } }
      : { code: rejection.code };
  }
  const { webhookId, webhook, revision, position, isReplay, newSecret } = answer;
  const secret = newSecret === undefined ? undefined : openSecret(newSecret, webhookId);
  return {
    status,
    body: {
      ...webhookViewOf(webhookId, webhook),
      position: String(position),
      ...(secret !== undefined && { secret }),
    },
    headers: {
      ETag: etagOf(revision),
      ...(status === 201 && { Location: webhookPath(webhookId) }),
      ...(isReplay && { 'Idempotent-Replayed': 'true' }),
    },
  };
};

/** A webhook as its stream has it: what is not to be seen answers like what is not there. */
export const loadedWebhook = async (
  { commands, streamReads }: Pick<WebhooksDeps, 'commands' | 'streamReads'>,
  call: Call,
  webhookId: string,
): Promise<KnownWebhook | Refusal> => {
  const read = await streamReads(call.principal.id, () =>
    call.inTime(() => commands.load(webhookId, plainContext(call)), 'event-log-unavailable'),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  return read.value ?? { code: 'webhook-not-found' };
};
