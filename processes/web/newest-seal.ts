import type { NewestEvents } from '../../domain/event-log';
import { isObject } from '../../domain/events/fields';
import { BLOCK_SEALED, readSealData, SEAL_STREAM } from '../../domain/seal/seal';
import type { Timestamp } from '../../domain/time';
import { sha256 } from '../../infra/sha256';

/** How far the log is sealed, as the newest seal says; nobody has checked it here. */
export type SealedUpTo = {
  readonly block: number;
  /** Inclusive. */
  readonly position: string;
  readonly sealedAt: Timestamp;
};

/** @returns undefined for a log without seals, or with one at its end that this build cannot read */
export const newestSeal = async (log: NewestEvents): Promise<SealedUpTo | undefined> => {
  const event = await log.newest(SEAL_STREAM);
  if (event?.type !== BLOCK_SEALED || !isObject(event.metadata)) return undefined;
  const version = event.metadata['schemaVersion'];
  const seal = typeof version === 'number' ? readSealData(event.data, version, sha256) : undefined;
  return seal && { block: seal.block, position: String(seal.to), sealedAt: seal.sealedAt };
};
