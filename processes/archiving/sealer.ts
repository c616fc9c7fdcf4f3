import type { Clock } from '../../domain/time';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Ids } from '../../domain/ids';
import type { EventLog, NewEvent } from '../../domain/event-log';
import {
  blockBuilder,
  isSealable,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_EVENTS,
  sealHeadOf,
  type SealHead,
} from '../../domain/seal/block';
import type { Sha256 } from '../../domain/seal/merkle';
import {
  BLOCK_SEALED,
  headOf,
  SEAL_STREAM,
  sealData,
  sealText,
  type Seal,
} from '../../domain/seal/seal';
import { currentVersion } from '../../domain/events/upcast';
import { toTimestamp } from '../../domain/time';
import type { StoredBytes } from '../../projections/reading/log-scan';
import type { SealStream } from '../../projections/reading/seal-stream';
import type { Logger } from '../runtime/logger';
import type { LogConsumer } from './consumer';
import type { ArchivistMetrics } from './metrics';

export type SealerDeps = {
  readonly seals: Pick<SealStream, 'newest'>;
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly key: { readonly keyId: string; readonly sign: (bytes: Uint8Array) => Uint8Array };
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Pick<ArchivistMetrics, 'sealedBlocks' | 'sealedEvents'>;
};

/** The log holds another block there: whoever was faster goes on. */
class BlockSealed extends Error {
  override readonly name = 'BlockSealed';
}

/** The newest seal: its event's revision and where the next block begins. */
type Newest = { readonly revision: bigint; readonly head: SealHead };

/** The dispatcher may share the thread: hashing stops for others after so many events, about 2 ms. */
const BREATHE_AFTER_EVENTS = 500;

const readNewest = async ({ seals, sha256 }: SealerDeps): Promise<Newest | undefined> => {
  const newest = await seals.newest();
  if (!newest) return undefined;
  const { place, seal } = newest;
  if (!seal)
    throw new Error(
      `${place.stream}@${place.revision} is no seal: run punctual audit verify, nothing is sealed meanwhile`,
    );
  return { revision: place.revision, head: sealHeadOf(seal, sha256) };
};

/**
 * The event of a seal. Its id derives from block and content: the same seal again is the same append, and one
 * with other content is a conflict and never taken for this one.
 */
const sealEvent = (seal: Seal, { ids, sha256 }: SealerDeps): NewEvent => {
  const commandId = ids.derive('log-seal', String(seal.block), headOf(seal, sha256));
  return {
    id: ids.derive('event', commandId, '0'),
    type: BLOCK_SEALED,
    data: sealData(seal),
    metadata: {
      $correlationId: SEAL_STREAM,
      $causationId: seal.previous,
      commandId,
      actor: { kind: 'system', id: 'sealer' },
      at: seal.sealedAt,
      schemaVersion: currentVersion(BLOCK_SEALED),
    },
  };
};

const build = async (
  events: readonly StoredBytes[],
  before: Newest | undefined,
  { key, sha256, clock }: SealerDeps,
): Promise<Seal> => {
  const builder = blockBuilder(before?.head, sha256);
  for (const event of events) {
    if (builder.size() % BREATHE_AFTER_EVENTS === BREATHE_AFTER_EVENTS - 1) await breathe();
    builder.add(event);
  }
  const { keyId } = key;
  const content = builder.finish({ keyId, sealedAt: toTimestamp(clock.now()) });
  return { ...content, signature: key.sign(sealText(content)) };
};

/** Cuts by count and by bytes. */
const blocksOf = (events: readonly StoredBytes[]): readonly (readonly StoredBytes[])[] => {
  const blocks: StoredBytes[][] = [];
  let bytes = MAX_BLOCK_BYTES;
  for (const event of events) {
    const open = blocks.at(-1);
    const isFull = bytes >= MAX_BLOCK_BYTES || (open?.length ?? 0) >= MAX_BLOCK_EVENTS;
    if (isFull) bytes = 0;
    if (open && !isFull) open.push(event);
    else blocks.push([event]);
    bytes += event.data.length + event.metadata.length;
  }
  return blocks;
};

/**
 * Seals the log block by block: a Merkle root over the events of a block, chained to the block before and
 * signed, appended to the stream `seals`. Where it goes on is what the last seal says. Several may run: the
 * append at the expected revision lets one win, and the others begin again from the winner's seal.
 */
export const logSealer = (deps: SealerDeps): LogConsumer => {
  const { eventLog, sha256, logger, metrics } = deps;
  let newest: Newest | undefined;

  const seal = async (events: readonly StoredBytes[]): Promise<void> => {
    const made = await build(events, newest, deps);
    const appended = await eventLog.append(
      SEAL_STREAM,
      [sealEvent(made, deps)],
      newest?.revision ?? 'no-stream',
    );
    if (appended.outcome === 'conflict')
      throw new BlockSealed(`block ${made.block} was sealed by another archivist`);
    newest = { revision: appended.revision, head: sealHeadOf(made, sha256) };
    metrics.sealedBlocks();
    metrics.sealedEvents(events.length);
    logger.debug({ block: made.block, events: made.events, to: String(made.to) }, 'block sealed');
  };

  return {
    name: 'sealer',
    position: async () => {
      newest = await readNewest(deps);
      return newest?.head.to ?? 'start';
    },
    take: async (batch) => {
      for (const block of blocksOf(batch.filter(isSealable))) await seal(block);
    },
    serverAt: (error) => (error instanceof BlockSealed ? undefined : 'event-store'),
  };
};
