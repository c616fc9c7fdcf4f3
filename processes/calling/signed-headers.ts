import type { Webhook } from 'standardwebhooks';

/**
 * Headers of a call by Standard Webhooks.
 *
 * @param signers  one for each secret that is valid: whoever has one of them can verify
 * @param id       the same whenever the same is sent again
 */
export const signedHeaders = (
  signers: readonly Webhook[],
  id: string,
  sentAt: Date,
  body: string,
): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
  'webhook-signature': signers.map((signer) => signer.sign(id, sentAt, body)).join(' '),
});
