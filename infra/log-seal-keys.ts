import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { KeyRing } from '../domain/seal/chain';

/** Signs the seals of the log. */
export type LogSealKey = {
  /** First 16 hexadecimal digits of the SHA-256 of the public key in SPKI DER. */
  readonly keyId: string;
  readonly publicPem: string;
  /** Ed25519, 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

/** The file that an embedded system keeps its key in, in its data folder. */
export const LOG_SEAL_KEY_NAME = 'log-seal-key.pem';

/** How the files of public keys end: a folder is searched for them. */
export const PUBLIC_KEY_SUFFIX = '.pub.pem';

const KEY_ID_DIGITS = 16;

const asEd25519 = (key: KeyObject): KeyObject => {
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new TypeError(`it is a key of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`);
};

const keyIdOf = (key: KeyObject): string =>
  hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex').slice(0, KEY_ID_DIGITS);

/** A new private key, PKCS#8 PEM. */
export const newLogSealKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Reads a private key.
 *
 * @param pem  PKCS#8
 * @throws Error  for a text that is no Ed25519 key
 */
export const logSealKey = (pem: string): LogSealKey => {
  const key = asEd25519(createPrivateKey(pem));
  const publicKey = createPublicKey(key);
  return {
    keyId: keyIdOf(publicKey),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => sign(null, bytes, key),
  };
};

/**
 * Public keys by key id.
 *
 * @param pems  SPKI
 * @throws Error  for a text that is no Ed25519 key
 */
export const keyRing = (pems: readonly string[]): KeyRing =>
  new Map(
    pems.map((pem) => {
      const key = asEd25519(createPublicKey(pem));
      return [keyIdOf(key), (bytes, signature) => verify(null, bytes, key, signature)] as const;
    }),
  );
