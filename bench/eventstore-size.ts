import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import type { Knex } from 'knex';
import { residentMb } from './cpu';
import { startServer } from './eventstore-server';
import type { OwnPostgres } from './own-postgres';
import { inFlight } from './pace';
import type { Measurement, RowOptions } from './row';
import { ofRuns, rounded } from './statistics';

const RUNS = 3;
const START_EVENTS = 1_000_000;
/** Streams that are written to in turn, more than the server keeps heads of. */
const TOUCHED_STREAMS = 250_000;
const EVENTS_PER_APPEND_CALL = 64;
const SCHEMA = 'filled';

/** Fills the log with events of one stream each, as the server itself would have stored them. */
const fill = async (db: Knex, from: number, to: number): Promise<void> => {
  await db.raw(
    `insert into ${SCHEMA}.events
       (sequence, revision, created_ms, event_id, is_json, stream, type, data, metadata)
     select n, 0, 1700000000000 + n, gen_random_uuid(), true, 'job-' || n, 'JobScheduled',
       convert_to('{"payload":"' || repeat('x', 316) || '"}', 'UTF8'), ''
     from generate_series(?::bigint, ?::bigint) as n`,
    [from, to],
  );
};

/** From the start of the program to its first line, which says that it listens. */
const measureStart = async (url: string): Promise<Measurement> => {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startMs = performance.now();
    const server = await startServer(url, SCHEMA);
    runs.push({ startMs: rounded(performance.now() - startMs) });
    await server.stop();
  }
  return {
    of: `start on ${START_EVENTS} events`,
    ...ofRuns(runs),
    target: [{ of: 'startMs', atMost: 2_000 }],
  };
};

/** Memory once far more streams have been written to than the server keeps in memory. */
const measureMemory = async (url: string, streams: number): Promise<Measurement> => {
  const server = await startServer(url, SCHEMA);
  const client = EventStoreDBClient.connectionString(server.url);
  const touched = Math.min(TOUCHED_STREAMS, streams);
  const event = () => jsonEvent({ type: 'JobChanged', data: {} });
  const startedMb = await residentMb(server.pid);
  let halfwayMb = 0;
  await inFlight(EVENTS_PER_APPEND_CALL, touched, async (n) => {
    if (n === Math.floor(touched / 2)) halfwayMb = await residentMb(server.pid);
    await client.appendToStream(`job-${n + 1}`, event(), { expectedRevision: 0n });
  });
  const endMb = await residentMb(server.pid);
  await client.dispose();
  await server.stop();
  return {
    of: `memory with ${streams} streams known, ${touched} of them written to`,
    values: { startedMb, halfwayMb, endMb },
    target: [{ of: 'endMb', atMost: 600 }],
  };
};

/** What depends on the size of the log: start and memory. */
export const measureSizes = async (
  { rows, note }: RowOptions,
  { url, db }: OwnPostgres,
): Promise<readonly Measurement[]> => {
  note(`filling the log with ${START_EVENTS} events`);
  const first = await startServer(url, SCHEMA); // creates the schema
  await first.stop();
  await fill(db, 1, START_EVENTS);
  const start = await measureStart(url);
  if (rows > START_EVENTS) {
    note(`filling the log up to ${rows} streams`);
    await fill(db, START_EVENTS + 1, rows);
  }
  note('memory with many streams');
  return [start, await measureMemory(url, Math.max(rows, START_EVENTS))];
};
