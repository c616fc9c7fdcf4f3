import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import type { RecordedEvent } from '../core/events';
import { connectionConfig } from './connection';
import { copyColumns, encodeCopyRows } from './copy-rows';
import { copyIn } from './copy-in';
import { createSchema, eventsTable, revisionConstraint } from './schema';
import { SchemaLockedError, type CommitResult, type WriterSession } from './storage';

/** A commit that takes longer is given up as unknown; the client's own default deadline is 10 s. */
const commitTimeoutMs = 10_000;
const prepareTimeoutMs = 15_000;
/** A peer that is gone without a word would let a goodbye wait for TCP to give up. */
const endTimeoutMs = 1_000;
/** A killed server's connection ends within milliseconds; a living one keeps the lock for ever. */
const lockPatienceMs = 2_000;
const lockRetryMs = 50;

const lockSchema = async (client: Client, schema: string): Promise<void> => {
  const giveUpAt = Date.now() + lockPatienceMs;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [`event store ${schema}`],
    );
    if (rows[0]?.locked) return;
    if (Date.now() >= giveUpAt) throw new SchemaLockedError(schema);
    await sleep(lockRetryMs);
  }
};

const readLastSequence = async (client: Client, schema: string): Promise<number> => {
  const { rows } = await client.query<{ last: string }>(
    `select coalesce(max(sequence), 0) as last from ${eventsTable(schema)}`,
  );
  return Number(rows[0]?.last ?? 0);
};

const prepare = async (client: Client, schema: string): Promise<number> => {
  await client.connect();
  await client.query('set synchronous_commit = on');
  await lockSchema(client, schema);
  await client.query(createSchema(schema));
  return await readLastSequence(client, schema);
};

const withTimeout = async <T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer to ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
};

const resultOf = async (copied: Promise<void>): Promise<CommitResult> => {
  try {
    await copied;
    return 'stored';
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === revisionConstraint)
      return 'revision-taken';
    throw error;
  }
};

/** Opens the writing connection, takes the schema's lock for its life and creates what is missing. */
export const openWriterSession = async (
  postgresUrl: string,
  schema: string,
): Promise<WriterSession> => {
  const client = new Client(connectionConfig(postgresUrl, 'event store writer'));
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
  });
  const statement = `copy ${eventsTable(schema)} (${copyColumns}) from stdin (format binary)`;
  const end = (): Promise<void> =>
    withTimeout(client.end(), endTimeoutMs, 'a goodbye').catch(() => undefined);
  try {
    const lastSequence = await withTimeout(
      prepare(client, schema),
      prepareTimeoutMs,
      'the opening of a session',
    );
    return {
      lastSequence,
      commit: (events: readonly RecordedEvent[]) =>
        withTimeout(
          resultOf(copyIn(client, statement, encodeCopyRows(events))),
          commitTimeoutMs,
          'a commit',
        ),
      lost,
      close: end,
    };
  } catch (error) {
    void end();
    throw error;
  }
};
