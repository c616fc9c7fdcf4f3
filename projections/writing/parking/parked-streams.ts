import { parameters, plain, quotedText, textArray, unnest } from '../unnest';
import { sendOne, type Statement, type WriteSession } from '../write-session';

/** A stream with an event that could not be applied: nothing of it is applied from `revision` on. */
export type ParkedStream = {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly error: string;
};

const MAX_ERROR_LENGTH = 1_000;

/** NUL is the one character that a text column refuses, and may be what the stream is parked for. */
export const errorText = (error: unknown): string =>
  String(error).replaceAll('\0', '\\0').slice(0, MAX_ERROR_LENGTH);

const columns = [
  quotedText<ParkedStream>('stream', 'text', ({ stream }) => stream),
  plain<ParkedStream>('revision', 'bigint', ({ revision }) => revision),
  plain<ParkedStream>('position', 'bigint', ({ position }) => position),
  quotedText<ParkedStream>('error', 'text', ({ error }) => error),
] as const;

const parkText = (projectionAt: number): string => `
  insert into parked_streams (projection, stream, revision, position, error, parked_at)
  select $${projectionAt}, c.stream, c.revision, c.position, c.error, clock_timestamp()
  from ${unnest(columns)}
  on conflict (projection, stream) do update set
    revision = excluded.revision, position = excluded.position, error = excluded.error`;

/** @param parked  each stream once */
export const park = (projection: string, parked: readonly ParkedStream[]): readonly Statement[] =>
  parked.length === 0
    ? []
    : [
        {
          text: parkText(columns.length + 1),
          values: [...parameters(columns, parked), projection],
        },
      ];

export const unpark = (projection: string, streams: readonly string[]): Statement => ({
  text: 'delete from parked_streams where projection = $1 and stream = any($2::text[])',
  values: [projection, textArray(streams)],
});

export const readParked = async (
  session: WriteSession,
  projection: string,
): Promise<readonly ParkedStream[]> => {
  const { rows } = await sendOne(session, {
    text: `select stream, revision, position, error from parked_streams where projection = $1
           order by position`,
    values: [projection],
  });
  return rows.map((row) => ({
    stream: String(row['stream']),
    revision: BigInt(String(row['revision'])),
    position: BigInt(String(row['position'])),
    error: String(row['error']),
  }));
};
