import { merkleProof } from '../../../domain/seal/merkle';
import type { SealedEvent } from '../../../domain/seal/event-bytes';
import { sealData, type Seal } from '../../../domain/seal/seal';
import { toHex } from '../../../domain/seal/text';
import { sha256 } from '../../../infra/sha256';
import type { Picked } from './window';

/** What a file claims to hold in whole. */
export type Claim =
  | { readonly window: { readonly from: Edge; readonly to: Edge } }
  | { readonly stream: string };
type Edge = { readonly position: string } | { readonly time: string };

const line = (value: object): string => `${JSON.stringify(value)}\n`;

export const headerLine = (claim: Claim): string =>
  line({ kind: 'export', format: 'punctual audit export 1', ...claim });

export const endLine = (events: number): string => line({ kind: 'end', events });

/** Bytes as the text that they are, or as base64 when they are none. */
const bytesField = (name: 'data' | 'metadata', bytes: Uint8Array): object => {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer)
    ? { [name]: text }
    : { [`${name}Base64`]: buffer.toString('base64') };
};

const eventLine = (event: SealedEvent, { index, role }: Picked): string =>
  line({
    kind: 'event',
    index,
    role,
    position: String(event.position),
    revision: String(event.revision),
    createdTicks: String(event.createdTicks),
    stream: event.stream,
    id: event.id,
    type: event.type,
    contentType: event.contentType,
    ...bytesField('data', event.data),
    ...bytesField('metadata', event.metadata),
  });

/** A block's seal, the proof for what is left out of it, then the events that are shown. */
export const blockLines = (
  seal: Seal,
  events: readonly SealedEvent[],
  leaves: readonly Uint8Array[],
  picks: readonly Picked[],
): string => {
  const { index: _whole, ...signed } = sealData(seal);
  const indexes = picks.map(({ index }) => index);
  const proof = merkleProof(leaves, indexes, sha256).map(toHex);
  const head = line({ kind: 'block', seal: { ...signed, indexHash: seal.indexHash }, proof });
  const shown = picks.flatMap((pick) => {
    const event = events[pick.index];
    return event ? [eventLine(event, pick)] : [];
  });
  return head + shown.join('');
};
