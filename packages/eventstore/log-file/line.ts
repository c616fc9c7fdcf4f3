import { crc32 } from 'node:zlib';

/** An event as a line carries it. */
export type LineEvent = {
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

export type LogPosition = { readonly commit: bigint; readonly prepare: bigint };

/** With where it came from and when it was stored there. */
export type StoredEvent = LineEvent & {
  readonly position: LogPosition;
  /** Units of 100 ns since 1970, as the server counts. */
  readonly createdTicks: bigint;
};

export type Line =
  | { readonly kind: 'event'; readonly event: LineEvent }
  /** The last line: how many events are before it. */
  | { readonly kind: 'end'; readonly events: number };

/** A line that is not what an export wrote. */
export class BadLineError extends Error {
  override readonly name = 'BadLineError';
}

const ticksPerMs = 10_000n;

/** RFC 3339 with all seven digits that the server keeps. */
const createdText = (ticks: bigint): string => {
  const beyondMs = (ticks % ticksPerMs).toString().padStart(4, '0');
  return new Date(Number(ticks / ticksPerMs)).toISOString().replace('Z', `${beyondMs}Z`);
};

const positionText = ({ commit, prepare }: LogPosition): string =>
  commit === prepare ? `${commit}` : `${commit}/${prepare}`;

/** @returns nothing when the text is no position */
export const positionFrom = (text: string): LogPosition | undefined => {
  const [, commit, prepare] = /^(\d{1,19})(?:\/(\d{1,19}))?$/.exec(text) ?? [];
  return commit === undefined
    ? undefined
    : { commit: BigInt(commit), prepare: BigInt(prepare ?? commit) };
};

/** The bytes as JSON text when parsing and writing it again gives the same bytes. */
const faithfulJson = (bytes: Buffer): string | undefined => {
  const text = bytes.toString('utf8');
  try {
    if (JSON.stringify(JSON.parse(text)) !== text) return undefined;
  } catch {
    return undefined;
  }
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
};

const bytesField = (name: 'data' | 'metadata', bytes: Buffer, isJson: boolean): string => {
  const json = isJson ? faithfulJson(bytes) : undefined;
  return json === undefined
    ? `,"${name}Base64":"${bytes.toString('base64')}"`
    : `,"${name}":${json}`;
};

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

const sealed = (open: string): string => `${open},"crc32":"${checksum(open)}"}\n`;

/** The line of an event, with its newline. */
export const eventLine = (event: StoredEvent): string => {
  const head = JSON.stringify({
    stream: event.stream,
    revision: String(event.revision),
    position: positionText(event.position),
    id: event.id,
    type: event.type,
    contentType: event.contentType,
    created: createdText(event.createdTicks),
  });
  const data = bytesField('data', event.data, event.contentType === 'application/json');
  const metadata = event.metadata.length === 0 ? '' : bytesField('metadata', event.metadata, true);
  return sealed(head.slice(0, -1) + data + metadata);
};

export const endLine = (events: number): string => sealed(`{"end":${events}`);

const sealPattern = /,"crc32":"([0-9a-f]{8})"\}$/;

const checkSeal = (text: string): void => {
  const seal = sealPattern.exec(text);
  if (seal && seal[1] !== checksum(text.slice(0, seal.index)))
    throw new BadLineError('its checksum does not fit its content');
};

const parseRecord = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadLineError('it is no JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadLineError('it is no JSON object');
  return value as Readonly<Record<string, unknown>>; // checked just now
};

const textField = (record: Readonly<Record<string, unknown>>, name: string): string => {
  const value = record[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new BadLineError(`it has no "${name}"`);
};

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const bytesOf = (
  record: Readonly<Record<string, unknown>>,
  name: 'data' | 'metadata',
): Buffer | undefined => {
  const base64 = record[`${name}Base64`];
  if (base64 === undefined)
    return name in record ? Buffer.from(JSON.stringify(record[name]), 'utf8') : undefined;
  if (typeof base64 === 'string' && base64Pattern.test(base64))
    return Buffer.from(base64, 'base64');
  throw new BadLineError(`"${name}Base64" is no base64`);
};

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads a line without its newline. One without a checksum is taken as it is, so that other programs can
 * write such files; positions and times are not read, because no server takes them.
 *
 * @throws BadLineError
 */
export const parseLine = (text: string): Line => {
  checkSeal(text);
  const record = parseRecord(text);
  const { end } = record;
  if (typeof end === 'number') return { kind: 'end', events: end };
  const revision = textField(record, 'revision');
  const id = textField(record, 'id');
  if (!/^\d{1,19}$/.test(revision)) throw new BadLineError('"revision" is no revision');
  if (!uuidPattern.test(id)) throw new BadLineError('"id" is no UUID');
  const data = bytesOf(record, 'data');
  if (!data) throw new BadLineError('it has neither "data" nor "dataBase64"');
  const event = {
    stream: textField(record, 'stream'),
    revision: BigInt(revision),
    id,
    type: textField(record, 'type'),
    contentType: textField(record, 'contentType'),
    data,
    metadata: bytesOf(record, 'metadata') ?? Buffer.alloc(0),
  };
  return { kind: 'event', event };
};
