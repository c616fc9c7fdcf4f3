import { isObject } from '../events/fields';
import { upcast } from '../events/upcast';
import type { Timestamp } from '../time';
import type { Sha256 } from './merkle';
import { fromBase64, toBase64, toHex } from './text';

/** Where seals are; the one stream beside the system's own that they do not cover. */
export const SEAL_STREAM = 'seals';
export const BLOCK_SEALED = 'BlockSealed';

/** What is signed of a block of events that follow each other in the log. */
export type SealContent = {
  /** From 1; one more than the block before. */
  readonly block: number;
  /** Exclusive: where the block before ends. */
  readonly after: bigint | 'start';
  /** Inclusive: position of the last event. */
  readonly to: bigint;
  readonly events: number;
  /** Earliest and latest created time of its events, in units of 100 ns since 1970. */
  readonly createdFrom: bigint;
  readonly createdTo: bigint;
  /** Merkle root over the leaves, hexadecimal. */
  readonly root: string;
  /** SHA-256 of the index, hexadecimal. */
  readonly indexHash: string;
  /** Head of the seal before, hexadecimal; `none` in the first. */
  readonly previous: string;
  readonly keyId: string;
  readonly sealedAt: Timestamp;
};

export type Seal = SealContent & {
  /** See `encodeIndex`. */
  readonly index: Uint8Array;
  /** Ed25519 over `sealText`. */
  readonly signature: Uint8Array;
};

const encoder = new TextEncoder();

/** What is signed: a line a field, in this order; no value holds a newline. */
export const sealText = (seal: SealContent): Uint8Array =>
  encoder.encode(
    [
      'punctual log seal 1',
      `block ${seal.block}`,
      `after ${seal.after}`,
      `to ${seal.to}`,
      `events ${seal.events}`,
      `created-from ${seal.createdFrom}`,
      `created-to ${seal.createdTo}`,
      `root ${seal.root}`,
      `index ${seal.indexHash}`,
      `previous ${seal.previous}`,
      `key ${seal.keyId}`,
      `sealed-at ${seal.sealedAt}`,
      '',
    ].join('\n'),
  );

/** Names a seal and, through `previous`, all seals before it: hexadecimal. */
export const headOf = (seal: SealContent, sha256: Sha256): string => toHex(sha256(sealText(seal)));

/** A seal as the data of its event. */
export const sealData = ({ indexHash: _derived, ...seal }: Seal) => ({
  ...seal,
  after: String(seal.after),
  to: String(seal.to),
  createdFrom: String(seal.createdFrom),
  createdTo: String(seal.createdTo),
  index: toBase64(seal.index),
  signature: toBase64(seal.signature),
});

const HASH = /^[0-9a-f]{64}$/;
const NUMBER = /^(0|[1-9]\d{0,18})$/;
const KEY_ID = /^[0-9a-f]{16}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0;

const isText = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value);

/** @returns undefined for data that is no seal */
export const readSealData = (
  data: unknown,
  schemaVersion: number,
  sha256: Sha256,
): Seal | undefined => {
  if (!isObject(data)) return undefined;
  const lifted = upcast(BLOCK_SEALED, schemaVersion, data);
  const { block, after, to, events, createdFrom, createdTo } = lifted;
  const { root, previous, keyId, sealedAt } = lifted;
  const bytes = (value: unknown): Uint8Array | undefined =>
    typeof value === 'string' ? fromBase64(value) : undefined;
  const [index, signature] = [bytes(lifted['index']), bytes(lifted['signature'])];
  if (!isCount(block) || !isCount(events) || !index || !signature) return undefined;
  if (!isText(to, NUMBER) || !(after === 'start' || isText(after, NUMBER))) return undefined;
  if (!isText(createdFrom, NUMBER) || !isText(createdTo, NUMBER)) return undefined;
  if (!isText(root, HASH) || !(previous === 'none' || isText(previous, HASH))) return undefined;
  if (!isText(keyId, KEY_ID) || !isText(sealedAt, TIME)) return undefined;
  return {
    block,
    events,
    root,
    previous,
    keyId,
    sealedAt,
    index,
    signature,
    after: after === 'start' ? after : BigInt(after),
    to: BigInt(to),
    createdFrom: BigInt(createdFrom),
    createdTo: BigInt(createdTo),
    indexHash: toHex(sha256(index)),
  };
};
