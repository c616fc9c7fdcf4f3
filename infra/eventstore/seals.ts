import type { EventStoreDBClient } from '@eventstore/db-client';
import type { StoredSeal } from '../../domain/seal/chain';
import { BLOCK_SEALED, readSealData, SEAL_STREAM, type Seal } from '../../domain/seal/seal';
import type { SealStream } from '../../projections/reading/seal-stream';
import { sha256 } from '../sha256';
import { readNewest, readStreamLosslessly, type LosslessEvent } from './lossless-events';
import type { StreamNames } from './stream-names';

const json = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

const sealOf = ({ type, data, metadata }: LosslessEvent): Seal | undefined => {
  const read = json(metadata);
  if (type !== BLOCK_SEALED || typeof read !== 'object' || read === null) return undefined;
  if (!('schemaVersion' in read) || typeof read.schemaVersion !== 'number') return undefined;
  return readSealData(json(data), read.schemaVersion, sha256);
};

const storedSeal = (event: LosslessEvent): StoredSeal => {
  const { revision, position, type } = event;
  return {
    place: { stream: SEAL_STREAM, revision, position: position.commit, type },
    seal: sealOf(event),
  };
};

/** The seals in an event store. */
export const eventStoreSeals = (client: EventStoreDBClient, names: StreamNames): SealStream => {
  const stream = names.stored(SEAL_STREAM);
  return {
    newest: async () => {
      const event = await readNewest(client, stream);
      return event && storedSeal(event);
    },
    all: async () => {
      const readAt = (await readNewest(client))?.position.commit ?? -1n;
      const seals: StoredSeal[] = [];
      for await (const event of readStreamLosslessly(client, stream)) seals.push(storedSeal(event));
      return { seals, readAt };
    },
  };
};
