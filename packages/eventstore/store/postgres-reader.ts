import { Pool } from 'pg';
import type { RecordedEvent } from '../core/events';
import {
  isMetastream,
  metastreamMetadata,
  noMetadata,
  parseStreamMetadata,
} from '../core/stream-metadata';
import { connectionConfig } from './connection';
import { copyOut } from './copy-out';
import { copyColumns, decodeCopyRow } from './copy-rows';
import { eventsTable } from './schema';
import { pageBytes, type Direction, type StorageReader, type StoredHead } from './storage';

const readConnections = 4;
/** Every read is one page by index; what takes longer will not come. */
const readTimeoutMs = 10_000;

/** One row as `rowMode: 'array'` gives it: text of each column, in the order of `copyColumns`. */
type EventRow = readonly [
  sequence: string,
  revision: string,
  createdMs: string,
  id: string,
  isJson: boolean,
  stream: string,
  type: string,
  data: Buffer,
  metadata: Buffer,
];

const uuidBytes = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex');

const toEvent = (row: EventRow): RecordedEvent => ({
  sequence: Number(row[0]),
  revision: Number(row[1]),
  createdMs: Number(row[2]),
  id: uuidBytes(row[3]),
  isJson: row[4],
  stream: row[5],
  type: row[6],
  data: row[7],
  metadata: row[8],
});

const maxInt64 = 2n ** 63n - 1n;
/** A bigint parameter: JS numbers past 2^63 stand for its largest. */
const int64 = (value: number): string => {
  const exact = BigInt(value);
  return String(exact > maxInt64 ? maxInt64 : exact);
};

type HeadRow = readonly [stream: string, revision: string | null, metadata: Buffer | null];

const toHead = ([stream, revision, metadata]: HeadRow): StoredHead => ({
  revision: revision === null ? -1 : Number(revision),
  metadata: isMetastream(stream)
    ? metastreamMetadata
    : metadata
      ? parseStreamMetadata(metadata)
      : noMetadata,
});

const statements = (schema: string) => {
  const events = eventsTable(schema);
  // sizes are known without fetching what is large, so that what is cut off is never read
  const page = (where: string, order: string, limit: string): string =>
    `select ${copyColumns} from (
        select ${copyColumns}, sum(octet_length(data) + octet_length(metadata))
          over (order by ${order} rows between unbounded preceding and 1 preceding) as bytes_before
        from ${events} where ${where} order by ${order} limit ${limit}
      ) as page
      where bytes_before is null or bytes_before < ${pageBytes} order by ${order}`;
  return {
    // a stream's metadata is the newest event of its metastream, whatever its type, if it is JSON
    heads: {
      name: 'heads',
      text: `select wanted.stream, head.revision, meta.data
        from json_array_elements_text($1) as wanted (stream)
        left join lateral (select revision from ${events} where stream = wanted.stream
          order by revision desc limit 1) head on true
        left join lateral (select case when is_json then data end as data from ${events}
          where stream = '$$' || wanted.stream order by revision desc limit 1) meta on true
        where head.revision is not null or meta.data is not null`,
    },
    places: {
      name: 'places',
      text: `select wanted.place, ${copyColumns}
        from unnest($1::text[], $2::bigint[]) with ordinality as wanted (wanted_stream, wanted_revision, place)
        join ${events} on stream = wanted_stream and revision = wanted_revision`,
    },
    firstCreatedSince: {
      name: 'first-created-since',
      text: `with recursive search (low, high) as (
          select $2::bigint, $3::bigint + 1
          union all
          select case when is_old then middle + 1 else low end, case when is_old then high else middle end
          from (
            select low, high, middle, (select e.created_ms < $4 from ${events} e
              where e.stream = $1 and e.revision >= middle order by e.revision limit 1) as is_old
            from (select low, high, (low + high) / 2 as middle from search where low < high) as halves
          ) as probes
        )
        select low from search where low >= high`,
    },
    ids: {
      name: 'ids',
      text: `select event_id, revision, sequence from ${events}
        where stream = $1 and revision >= $2 order by revision limit $3`,
    },
    recentIds: {
      name: 'recent-ids',
      text: `select event_id, revision, sequence, stream from ${events} order by sequence desc limit $1`,
    },
    metastreams: {
      name: 'metastreams',
      text: `select substr(stream, 3) from ${events}
        where stream >= '$$' and stream < '$%' and revision = 0 limit $1`,
    },
    tombstones: {
      name: 'tombstones',
      text: `select stream from ${events} where revision = ${maxInt64} limit $1`,
    },
    /** Takes no parameters: what they would be is written into it, as numbers. */
    all: (from: string, direction: Direction, limit: number): string => {
      const [where, order] =
        direction === 'forwards'
          ? [`sequence >= ${from}`, 'sequence']
          : [`sequence <= ${from}`, 'sequence desc'];
      return `copy (${page(where, order, String(limit))}) to stdout (format binary)`;
    },
    streamForwards: {
      name: 'stream-forwards',
      text: page('stream = $1 and revision >= $2 and sequence <= $3', 'revision', '$4'),
    },
    streamBackwards: {
      name: 'stream-backwards',
      text: page('stream = $1 and revision <= $2 and sequence <= $3', 'revision desc', '$4'),
    },
  } as const;
};

type Sql = ReturnType<typeof statements>;
type Statement = { readonly name: string; readonly text: string };

const readEvents = async (
  pool: Pool,
  statement: Statement,
  values: readonly unknown[],
): Promise<readonly RecordedEvent[]> => {
  const { rows } = await pool.query<unknown[]>({
    ...statement,
    values: [...values],
    rowMode: 'array',
  });
  // the select list is copyColumns, in this order
  return (rows as unknown as readonly EventRow[]).map(toEvent);
};

const readHeads = async (
  from: Pool,
  sql: Sql,
  streams: readonly string[],
): Promise<ReadonlyMap<string, StoredHead>> => {
  const { rows } = await from.query<unknown[]>({
    ...sql.heads,
    values: [JSON.stringify(streams)],
    rowMode: 'array',
  });
  // the select list of sql.heads
  const heads = rows as unknown as readonly HeadRow[];
  return new Map(heads.map((row) => [row[0], toHead(row)]));
};

const readPlaces = async (
  pool: Pool,
  sql: Sql,
  places: Parameters<StorageReader['readPlaces']>[0],
): ReturnType<StorageReader['readPlaces']> => {
  const streams = places.map(({ stream }) => stream);
  const revisions = places.map(({ revision }) => int64(revision));
  const [{ rows }, heads] = await Promise.all([
    pool.query<unknown[]>({ ...sql.places, values: [streams, revisions], rowMode: 'array' }),
    readHeads(pool, sql, [...new Set(streams)]),
  ]);
  const events: (RecordedEvent | undefined)[] = places.map(() => undefined);
  for (const [place, ...row] of rows) {
    // the select list is the place, counted from 1, and copyColumns in their order
    events[Number(place) - 1] = toEvent(row as unknown as EventRow);
  }
  return { events, heads };
};

type IdRow = { readonly event_id: string; readonly revision: string; readonly sequence: string };

const toId = ({ event_id, revision, sequence }: IdRow) => ({
  id: uuidBytes(event_id),
  revision: Number(revision),
  sequence: Number(sequence),
});

const idReads = (pool: Pool, sql: Sql): Pick<StorageReader, 'idsFrom' | 'recentIds'> => ({
  idsFrom: async (stream, revision, count) => {
    const values = [stream, int64(revision), count];
    return (await pool.query<IdRow>({ ...sql.ids, values })).rows.map(toId);
  },
  recentIds: async (limit) => {
    const query = { ...sql.recentIds, values: [limit] };
    const { rows } = await pool.query<IdRow & { readonly stream: string }>(query);
    return rows.reverse().map((row) => ({ ...toId(row), stream: row.stream }));
  },
});

/** Reads through a small pool; heads have a connection of their own so that long reads never delay appends. */
export const openReader = (
  postgresUrl: string,
  schema: string,
  onError: (error: Error) => void,
): StorageReader => {
  const sql = statements(schema);
  const poolOf = (name: string, max: number): Pool =>
    new Pool({ ...connectionConfig(postgresUrl, name), query_timeout: readTimeoutMs, max });
  const pool = poolOf('event store reader', readConnections);
  const headsPool = poolOf('event store heads', 1);
  // without a listener an idle connection's end would end the process
  pool.on('error', onError);
  headsPool.on('error', onError);

  return {
    heads: (streams) => readHeads(headsPool, sql, streams),
    ...idReads(pool, sql),
    reservedStreams: async (limit) => {
      const names = async (statement: Statement) => {
        const query = { ...statement, values: [limit], rowMode: 'array' as const };
        // one column of text
        return (await pool.query<[string]>(query)).rows.map(([stream]) => stream);
      };
      return [...(await names(sql.metastreams)), ...(await names(sql.tombstones))];
    },
    readAll: async (from, direction, limit) => {
      const events: RecordedEvent[] = [];
      await copyOut(pool, sql.all(int64(from), direction, limit), (chunk) => {
        const event = decodeCopyRow(chunk);
        if (event) events.push(event);
      });
      return events;
    },
    firstCreatedSince: async (stream, first, last, sinceMs) => {
      const { rows } = await pool.query<{ low: string }>({
        ...sql.firstCreatedSince,
        values: [stream, int64(first), int64(last), int64(sinceMs)],
      });
      return Number(rows[0]?.low ?? last + 1);
    },
    readPlaces: (places) => readPlaces(pool, sql, places),
    readStream: (stream, from, direction, upToSequence, limit) =>
      readEvents(pool, direction === 'forwards' ? sql.streamForwards : sql.streamBackwards, [
        stream,
        int64(from),
        int64(upToSequence),
        limit,
      ]),
    close: async () => {
      await Promise.all([pool.end(), headsPool.end()]);
    },
  };
};
