import type { ProposedEvent } from '../core/events';

/** The real server's default. */
export const defaultMaxAppendBytes = 1024 * 1024;
/** A name is part of an index entry, which Postgres limits to some 2,700 bytes. */
const maxStreamNameBytes = 2_048;

/** Why a stream cannot be written to, if so. */
export const streamNameFault = (stream: string): string | undefined => {
  if (stream === '' || stream === '$$') return 'a stream needs a name';
  if (stream.includes('\0')) return 'a stream name has no NUL';
  if (Buffer.byteLength(stream, 'utf8') > maxStreamNameBytes)
    return `a stream name has at most ${maxStreamNameBytes} bytes`;
  return undefined;
};

export const eventTypeFault = (type: string): string | undefined =>
  type.includes('\0') ? 'an event type has no NUL' : undefined;

type Sized = Pick<ProposedEvent, 'data' | 'metadata'> & { readonly type: string | undefined };

/** Bytes that count towards the limit of an append: as on the real server, the type's in UTF-16. */
export const eventBytes = ({ type, data, metadata }: Sized): number =>
  2 * (type?.length ?? 0) + data.length + metadata.length;
