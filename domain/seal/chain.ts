import type { EventPlace, Violation } from '../audit/violation';
import { decodeIndex, type Mark } from './block-index';
import type { Sha256 } from './merkle';
import { headOf, sealText, type Seal } from './seal';

/** An event of the seal stream; `seal` is absent when it cannot be read as one. */
export type StoredSeal = { readonly place: EventPlace; readonly seal: Seal | undefined };

/** Checks signatures of one key each, by key id. */
export type KeyRing = ReadonlyMap<string, (bytes: Uint8Array, signature: Uint8Array) => boolean>;

export type TrustedBlock = { readonly seal: Seal; readonly marks: readonly Mark[] };

export type Chain = {
  /** Blocks whose seals are signed by a known key, in order and without overlap. */
  readonly blocks: readonly TrustedBlock[];
  readonly violations: readonly Violation[];
  /** Names the newest seal and all before it; absent without a seal. */
  readonly head: string | undefined;
};

export type ChainDeps = {
  readonly keys: KeyRing;
  readonly sha256: Sha256;
  /** A head that was kept elsewhere: hexadecimal. */
  readonly lastSeal?: string | undefined;
};

type Problem = { readonly rule: string; readonly message: string };

const marksOf = (seal: Seal): readonly Mark[] | undefined => {
  const marks = decodeIndex(seal.after, seal.index);
  const isFitting = marks?.length === seal.events && marks.at(-1)?.position === seal.to;
  return isFitting ? marks : undefined;
};

/** What is wrong with a seal by itself. */
const problemOf = (seal: Seal | undefined, { keys }: ChainDeps): Problem | undefined => {
  if (!seal) return { rule: 'seal-altered', message: 'it cannot be read as a seal' };
  const isSignature = keys.get(seal.keyId);
  if (!isSignature)
    return {
      rule: 'seal-unknown-key',
      message: `it is signed by key ${seal.keyId}, whose public key is not among those given`,
    };
  if (!isSignature(sealText(seal), seal.signature))
    return { rule: 'seal-altered', message: `key ${seal.keyId} has not signed what it says` };
  if (!marksOf(seal)) return { rule: 'seal-altered', message: 'its index does not fit its block' };
  return undefined;
};

/** What is wrong with the place of a seal after the one before; that one's content counts only if it is trusted. */
const linkProblemOf = (
  { block, after, previous }: Seal,
  before: { readonly block: number; readonly trusted: Seal | undefined } | undefined,
  sha256: Sha256,
): Problem | undefined => {
  const expected = (before?.block ?? 0) + 1;
  if (block !== expected)
    return {
      rule: block > expected ? 'seal-missing' : 'seal-repeated',
      message: `block ${expected} should be here: ${block > expected ? 'its seal is missing' : 'this one was there before'}`,
    };
  if (before && !before.trusted) return undefined;
  const isFitting =
    after === (before?.trusted?.to ?? 'start') &&
    previous === (before?.trusted ? headOf(before.trusted, sha256) : 'none');
  return isFitting
    ? undefined
    : { rule: 'seal-chain-broken', message: 'it does not go on from the seal before it' };
};

/** Checks the seals among themselves, before any event is looked at. */
export const checkChain = (seals: readonly StoredSeal[], deps: ChainDeps): Chain => {
  const { sha256, lastSeal } = deps;
  const blocks: TrustedBlock[] = [];
  const violations: Violation[] = [];
  const heads = new Set<string>();
  let before: { readonly block: number; readonly trusted: Seal | undefined } | undefined;
  let head: string | undefined;
  for (const { place, seal } of seals) {
    const own = problemOf(seal, deps);
    const problem = own ?? (seal && linkProblemOf(seal, before, sha256));
    const block = seal && !own ? seal.block : (before?.block ?? 0) + 1;
    if (problem)
      violations.push({
        rule: problem.rule,
        subject: `block ${block}`,
        message: `the seal ${place.stream}@${place.revision}: ${problem.message}`,
        events: [place],
      });
    const marks = seal && !own ? marksOf(seal) : undefined;
    const isAhead = seal && seal.to > (blocks.at(-1)?.seal.to ?? -1n);
    if (marks && isAhead) blocks.push({ seal, marks });
    head = seal && headOf(seal, sha256);
    if (head !== undefined && !own) heads.add(head);
    before = { block, trusted: own ? undefined : seal };
  }
  if (lastSeal !== undefined && !heads.has(lastSeal))
    violations.push({
      rule: 'seal-head-lost',
      subject: lastSeal,
      message:
        'the seal that was kept elsewhere is not in the log: its end was cut off, or written anew',
      events: [],
    });
  return { blocks, violations, head };
};
