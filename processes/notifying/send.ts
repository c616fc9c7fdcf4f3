import { Webhook } from 'standardwebhooks';
import type { SecretBox } from '../../domain/secret-box';
import type { Instant } from '../../domain/time';
import type { Attempted } from '../../infra/postgres/webhooks/deliveries';
import type { Post } from '../calling/outgoing-calls';
import { ForbiddenTarget } from '../calling/safe-target';
import { signedHeaders } from '../calling/signed-headers';

/** A webhook as far as a call needs it; secrets are sealed. */
export type Target = {
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
  readonly previous?: { readonly secret: string; readonly until: Instant } | undefined;
};

export type Message = { readonly deliveryId: string; readonly body: string };

/** One signed call. What goes wrong is told, not thrown. */
export type Send = (
  target: Target,
  message: Message,
  now: Instant,
  signal: AbortSignal,
) => Promise<Attempted>;

export type SendDeps = {
  readonly box: SecretBox;
  readonly post: Post;
  readonly timeoutMs: number;
};

/** What of an answer is kept to be looked at. */
export const KEPT_BODY_BYTES = 1_024;

/** A secret that cannot be opened: the key that it was sealed with is not this program's. */
const UNREADABLE_SECRET =
  'its secret was sealed with another SIGNING_SECRET: rotate the secret of the webhook';

/** Text for people: what is no UTF-8 is replaced, and Postgres takes no NUL. */
const textOf = (body: Buffer): string => body.toString('utf8').replaceAll('\0', '\uFFFD');

const signersOf = (
  { webhookId, secret, previous }: Target,
  { open }: SecretBox,
  now: Instant,
): readonly Webhook[] => {
  const valid = [secret, ...(previous && now < previous.until ? [previous.secret] : [])];
  return valid
    .map((sealed) => open(sealed, webhookId))
    .filter((opened) => opened !== undefined)
    .map((opened) => new Webhook(opened));
};

export const sender =
  ({ box, post, timeoutMs }: SendDeps): Send =>
  async (target, { deliveryId, body }, now, signal) => {
    const signers = signersOf(target, box, now);
    if (signers.length === 0) return { error: UNREADABLE_SECRET };
    const headers = signedHeaders(signers, deliveryId, new Date(now), body);
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const either = AbortSignal.any([signal, limit]);
      const answer = await post(new URL(target.url), { headers, body }, either);
      const isWell = answer.status >= 200 && answer.status < 300;
      return {
        answerStatus: answer.status,
        ...(answer.body.length > 0 && { answerBody: textOf(answer.body) }),
        ...(!isWell && { error: `the target answered ${answer.status}` }),
      };
    } catch (error) {
      if (error instanceof ForbiddenTarget) return { error: error.message };
      if (limit.aborted) return { error: `no answer within ${timeoutMs} ms` };
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
