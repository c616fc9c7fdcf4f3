import { placeOf, type EventPlace, type Violation } from '../audit/violation';
import { isSealable, leafHasher } from './block';
import { checkChain, type ChainDeps, type StoredSeal, type TrustedBlock } from './chain';
import { diagnose, type FoundEvent } from './diagnose';
import { numberOf } from './block-index';
import type { SealedEvent } from './event-bytes';
import { merkleRoot, type Sha256 } from './merkle';
import { SEAL_STREAM } from './seal';
import { toHex } from './text';

export type SealCheckDeps = ChainDeps & {
  /** The whole seal stream, read before the log. */
  readonly seals: readonly StoredSeal[];
  /** Position of the log's last event when the seals were read: a seal up to it must be among them. */
  readonly sealsReadAt: bigint;
};

export type SealSummary = {
  readonly blocks: number;
  readonly sealedEvents: number;
  /** Events after the last seal: the next one covers them. */
  readonly notSealedYet: number;
  /** Events that no seal covers although later ones are sealed: a violation tells why. */
  readonly uncovered: number;
  /** Names the newest seal; keep it elsewhere and give it back as the last seal. */
  readonly head: string | undefined;
};

export type SealCheck = {
  /** Takes the whole log in its order, in batches of any size. */
  readonly take: (batch: readonly SealedEvent[]) => void;
  readonly end: () => readonly Violation[];
  /** Complete after `end`. */
  readonly summary: () => SealSummary;
};

const blockViolation = (
  { seal, marks }: TrustedBlock,
  events: readonly FoundEvent[],
  sha256: Sha256,
): Violation | undefined => {
  const leaves = events.map(({ leaf }) => leaf);
  if (leaves.length > 0 && toHex(merkleRoot(leaves, sha256)) === seal.root) return undefined;
  const subject = `block ${seal.block}`;
  const diagnosis = diagnose(marks, events, leafHasher(sha256));
  if (!diagnosis)
    return {
      rule: 'seal-event-changed',
      subject,
      message: `an event between positions ${seal.after} and ${seal.to} was changed after the seal`,
      events: [],
    };
  const { first, count, areRemovals } = diagnosis;
  const more = count > 1 ? ` (the first of ${count} differences in this block)` : '';
  return {
    rule: `seal-event-${first.kind}`,
    subject,
    message: `${first.message}${more}`,
    events: first.events,
    ...(areRemovals && { removed: count }),
  };
};

/**
 * Compares the log with its seals. Finds every event that was changed, removed, added or moved within what is
 * sealed, and names the first of each block. That the end of the log was cut off together with its seals cannot
 * be seen from inside: give the last seal that you kept elsewhere.
 */
export const sealCheck = (deps: SealCheckDeps): SealCheck => {
  const { sha256, seals, sealsReadAt } = deps;
  const chain = checkChain(seals, deps);
  const known = new Set(seals.map(({ place }) => place.position));
  const leafOf = leafHasher(sha256);
  const { blocks } = chain;
  const violations: Violation[] = [...chain.violations];
  const hidden: EventPlace[] = [];
  let [next, sealedEvents, notSealedYet, uncovered] = [0, 0, 0, 0];
  let inBlock: FoundEvent[] = [];

  const close = (block: TrustedBlock): void => {
    const violation = blockViolation(block, inBlock, sha256);
    if (violation) violations.push(violation);
    sealedEvents += inBlock.length;
    inBlock = [];
    next += 1;
  };
  const takeSeal = (event: SealedEvent): void => {
    const { position } = event;
    if (position <= sealsReadAt && !known.has(position)) hidden.push(placeOf(event));
  };
  const takeEvent = (event: SealedEvent): void => {
    let block = blocks[next];
    while (block && event.position > block.seal.to) {
      close(block);
      block = blocks[next];
    }
    if (!block) notSealedYet += 1;
    else if (event.position <= numberOf(block.seal.after)) uncovered += 1;
    else inBlock.push({ ...event, leaf: leafOf(event) });
  };

  return {
    take: (batch) => {
      for (const event of batch)
        if (isSealable(event)) takeEvent(event);
        else if (event.stream === SEAL_STREAM) takeSeal(event);
    },
    end: () => {
      for (let block = blocks[next]; block; block = blocks[next]) close(block);
      const [first] = hidden;
      if (first)
        violations.push({
          rule: 'seal-hidden',
          subject: SEAL_STREAM,
          message: `${hidden.length} seals are in the log, but reading their stream does not give them: it was deleted or truncated`,
          events: [first],
        });
      return violations;
    },
    summary: () => ({
      blocks: blocks.length,
      sealedEvents,
      notSealedYet,
      uncovered,
      head: chain.head,
    }),
  };
};
