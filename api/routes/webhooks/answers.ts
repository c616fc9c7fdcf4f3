import type { WebhookAnswer } from '../../../commands/webhooks/webhook-answers';
import type { AsOf } from '../../../domain/audit/as-of';
import type { KnownWebhook } from '../../../domain/webhook/state';
import { webhookViewOf } from '../../../domain/webhook/view';
import { actorOf } from '../../access/principal';
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

/** A webhook that is read from its stream: what is not to be seen answers like what is not there. */
const readWebhook = async (
  { streamReads }: Pick<WebhooksDeps, 'streamReads'>,
  { principal, inTime }: Call,
  work: () => Promise<KnownWebhook | undefined>,
): Promise<KnownWebhook | Refusal> => {
  const read = await streamReads(principal.id, () => inTime(work, 'event-log-unavailable'));
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  return read.value ?? { code: 'webhook-not-found' };
};

/** A webhook as its stream has it. */
export const loadedWebhook = (
  deps: Pick<WebhooksDeps, 'commands' | 'streamReads'>,
  call: Call,
  webhookId: string,
): Promise<KnownWebhook | Refusal> =>
  readWebhook(deps, call, () => deps.commands.load(webhookId, plainContext(call)));

/** A webhook as it stood then. */
export const pastWebhook = (
  deps: Pick<WebhooksDeps, 'asOf' | 'streamReads'>,
  call: Call,
  webhookId: string,
  asOf: AsOf,
): Promise<KnownWebhook | Refusal> =>
  readWebhook(deps, call, () => deps.asOf(webhookId, actorOf(call.principal), asOf));
