import { sendOne, type Statement, type WriteSession } from './write-session';

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

export const park = (projection: string, parked: ParkedStream): Statement => ({
  text: `insert into parked_streams (projection, stream, revision, position, error, parked_at)
         values ($1, $2, $3, $4, $5, clock_timestamp())
         on conflict (projection, stream) do update set
           revision = excluded.revision, position = excluded.position, error = excluded.error`,
  values: [
    projection,
    parked.stream,
    String(parked.revision),
    String(parked.position),
    parked.error,
  ],
});

export const unpark = (projection: string, stream: string): Statement => ({
  text: 'delete from parked_streams where projection = $1 and stream = $2',
  values: [projection, stream],
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
