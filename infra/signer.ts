import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../domain/signer';

/** Half of a SHA-256: still out of reach to guess, and short enough to ride in every message. */
const SEAL_BYTES = 16;

const MIN_KEY_BYTES = 16;

/**
 * HMAC-SHA256 seals, 22 characters of base64url.
 *
 * @param key  secret shared by all gateways, at least 16 bytes; a new key makes tickets and tokens under way worthless
 * @throws RangeError  for a shorter key
 */
export const hmacSigner = (key: Buffer | string): Sealer => {
  if (Buffer.byteLength(key) < MIN_KEY_BYTES) {
    throw new RangeError(`a sealing key has at least ${MIN_KEY_BYTES} bytes`);
  }
  // prepared once: a key given as bytes is prepared for each seal
  const secret = createSecretKey(Buffer.from(key));
  const seal = (text: string): string =>
    createHmac('sha256', secret).update(text, 'utf8').digest().toString('base64url', 0, SEAL_BYTES);
  return {
    seal,
    isSeal: (text, given) => {
      const right = Buffer.from(seal(text));
      const offered = Buffer.from(given);
      return right.length === offered.length && timingSafeEqual(right, offered);
    },
  };
};
