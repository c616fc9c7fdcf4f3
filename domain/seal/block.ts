import type { Timestamp } from '../time';
import { encodeIndex, type Mark } from './block-index';
import { eventEncoder, type SealedEvent } from './event-bytes';
import { growingTree, type Sha256 } from './merkle';
import { headOf, SEAL_STREAM, type SealContent } from './seal';
import { toHex } from './text';

/** Most events of a block: its seal stays far below what a server takes as one event. */
export const MAX_BLOCK_EVENTS = 10_000;
/** Most bytes of data and metadata of a block, and the event that reaches it: who checks or exports one holds it whole. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;

export const isSealable = ({ stream }: Pick<SealedEvent, 'stream'>): boolean =>
  stream !== SEAL_STREAM && !stream.startsWith('$');

/** @returns the leaf hash of an event: see `eventEncoder` for its bytes */
export const leafHasher = (sha256: Sha256): ((event: SealedEvent) => Uint8Array) => {
  const encode = eventEncoder();
  return (event) => sha256(encode(event));
};

/** What the next seal goes on from. */
export type SealHead = Pick<SealContent, 'block' | 'to'> & { readonly head: string };

type Signer = { readonly keyId: string; readonly sealedAt: Timestamp };

/**
 * Builds the seal of the events that follow `before`, event by event.
 *
 * @throws RangeError  from `finish`, for no event at all
 */
export const blockBuilder = (before: SealHead | undefined, sha256: Sha256) => {
  const leafOf = leafHasher(sha256);
  const tree = growingTree(sha256);
  const marks: Mark[] = [];
  let [createdFrom, createdTo] = [0n, 0n];
  return {
    add: (event: SealedEvent): void => {
      const { position, createdTicks } = event;
      const leaf = leafOf(event);
      tree.add(leaf);
      if (marks.length === 0 || createdTicks < createdFrom) createdFrom = createdTicks;
      if (createdTicks > createdTo) createdTo = createdTicks;
      marks.push({ position, leaf });
    },
    size: (): number => marks.length,
    /** The seal, still to be signed. */
    finish: ({ keyId, sealedAt }: Signer): SealContent & { readonly index: Uint8Array } => {
      const last = marks.at(-1);
      if (!last) throw new RangeError('a block has at least one event');
      const after = before?.to ?? 'start';
      const index = encodeIndex(after, marks);
      return {
        block: (before?.block ?? 0) + 1,
        after,
        to: last.position,
        events: marks.length,
        createdFrom,
        createdTo,
        root: toHex(tree.root()),
        index,
        indexHash: toHex(sha256(index)),
        previous: before?.head ?? 'none',
        keyId,
        sealedAt,
      };
    },
  };
};

/** Where the next block begins. */
export const sealHeadOf = (seal: SealContent, sha256: Sha256): SealHead => ({
  block: seal.block,
  to: seal.to,
  head: headOf(seal, sha256),
});
