import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '../../domain/event-log';
import { migrate } from '../../infra/postgres/migrate';
import { inSchema } from '../../infra/postgres/session-settings';
import { patientWriteSessions, tableSessions } from '../../infra/postgres/write-session';
import { positionOf } from '../../projections/reading/log-place';
import type { LogScan, StoredBytes } from '../../projections/reading/log-scan';
import { migrations } from '../../projections/migrations/migrations';
import { announceProjected } from '../../projections/writing/projected';
import { projectionWriter } from '../../projections/writing/projection-writer';
import { readModel } from '../../projections/projections';
import { replay, type Replayed, type ReplayOptions } from '../../projections/replay/replay';
import type { ReplayDeps } from '../../projections/replay/running';
import { eventAtOf } from './event-at';
import type { TestReadModel } from './read-model';
import { EPOCH } from './jobs';

const bytes = (json: unknown): Uint8Array => Buffer.from(JSON.stringify(json));

const stored = ({ data, metadata, ...event }: RecordedEvent): StoredBytes => ({
  ...event,
  contentType: 'application/json',
  createdTicks: 0n,
  data: bytes(data),
  metadata: bytes(metadata),
});

/** A log that is in memory, as it is when the scan comes there. */
export const scanOf = (log: () => readonly RecordedEvent[]): LogScan =>
  async function* scan({ after, upTo }, signal) {
    const batch = log()
      .filter(({ position }) => after === 'start' || position > positionOf(after))
      .filter(({ position }) => upTo === undefined || position <= upTo);
    for (const event of batch) {
      signal.throwIfAborted();
      await Promise.resolve();
      yield [stored(event)];
    }
  };

const build = migrations.map(({ name }) => name).join(' ');

export const shadow = 'punctual_replay';

/** A replay as the verb makes it, of a log in memory. */
export const replayOf = (
  { url }: Pick<TestReadModel, 'url'>,
  log: () => readonly RecordedEvent[],
  options: Partial<ReplayOptions> = {},
  deps: Partial<ReplayDeps> = {},
): Promise<Replayed> => {
  const schema = deps.shadow ?? shadow;
  const shadowUrl = inSchema(url, schema);
  return replay(
    {
      readModel,
      openLive: tableSessions(url, 'test-replay'),
      openShadow: patientWriteSessions(shadowUrl, 'test-replay'),
      migrateShadow: () => migrate(shadowUrl, migrations),
      shadow: schema,
      build,
      scan: scanOf(log),
      eventAt: eventAtOf(log),
      systemId: undefined,
      forgetMessages: () => Promise.resolve(true),
      now: () => EPOCH + 3_600_000,
      pause: (milliseconds) => sleep(milliseconds),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...deps,
    },
    { isFresh: false, maxDiffs: 100, swaps: true, keepsShadow: false, ...options },
  );
};

/** What a live projector would have made of the log. */
export const projectLive = async (
  model: Pick<TestReadModel, 'openSession'>,
  events: readonly RecordedEvent[],
): Promise<void> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  await writer.apply(events, events.at(-1)?.position ?? 0n);
  await session.close();
};

/** Every row of the read tables as text, in the order of their keys. */
export const dumpOf = async (
  { db }: Pick<TestReadModel, 'db'>,
  schema = 'public',
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const dump: Record<string, readonly string[]> = {};
  for (const table of Object.keys(readModel.tables)) {
    const { rows } = await db.raw<{ rows: readonly { text: string }[] }>(
      `select t::text as text from ${schema}.${table} t order by 1`,
    );
    dump[table] = rows.map(({ text }) => text);
  }
  return dump;
};
