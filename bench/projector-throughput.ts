import type { RecordedEvent } from '../domain/event-log';
import { systemClock } from '../infra/clock';
import { processorIdle } from '../infra/processor';
import { writeSessions } from '../infra/postgres/write-session';
import { keepSearchIndex } from '../processes/archiving/search-keeper';
import { projector } from '../processes/projecting/projector';
import { readModel } from '../projections/projections';
import { searchIndex } from '../projections/search/search-index';
import { childrenSeconds } from './cpu';
import { feedOf, scheduled, wholeLives } from './made-up-events';
import { clear, onOwnPostgres, type OwnPostgres } from './own-postgres';
import type { Measurement, Row } from './row';
import { ofRuns, rounded } from './statistics';

const EVENTS = 100_000;
/** Runs with and without what works beside the projector, by turns. */
const TURNS = 5;

const ignore = (): void => undefined;

/** Keeps the index of searches beside the projector, as the archivist does. */
const indexing = async ({ db }: OwnPostgres, signal: AbortSignal): Promise<void> => {
  const metrics = { searchLagMs: ignore, fault: ignore };
  const tools = { draw: Math.random, logger: { warn: console.error }, metrics };
  const index = searchIndex(db);
  await keepSearchIndex({ index, idleShare: processorIdle(), ...tools }, signal);
};

/** Lets the projector write events that are in memory already: no log, no subscription. */
const throughput = async (
  postgres: OwnPostgres,
  of: string,
  events: readonly RecordedEvent[],
  beside: (postgres: OwnPostgres, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
): Promise<Measurement> => {
  const { db, url, pid } = postgres;
  await clear(db);
  const controller = new AbortController();
  const isOver = beside(postgres, controller.signal);
  let applied = 0;
  let batches = 0;
  let sqlMs = 0;
  const postgresBefore = await childrenSeconds(pid);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  let postgresSeconds = 0;
  let seconds = 0;
  const finish = async (): Promise<void> => {
    seconds = (performance.now() - startMs) / 1_000;
    postgresSeconds = (await childrenSeconds(pid)) - postgresBefore; // before the session ends
    controller.abort();
  };
  await projector({
    projection: readModel,
    feed: feedOf(events),
    eventLog: { read: () => Promise.resolve([]) },
    eventAt: () => Promise.resolve(undefined), // it begins at the start
    openSession: writeSessions(url),
    clock: systemClock,
    draw: Math.random,
    logger: { debug: ignore, info: ignore, warn: console.error, error: console.error },
    metrics: {
      applied: (count = 1) => {
        applied += count;
      },
      batchMs: (durationMs) => {
        batches++;
        sqlMs += durationMs;
        if (applied === events.length) void finish();
      },
      lagEvents: ignore,
      lagMs: ignore,
      parked: ignore,
      fault: ignore,
    },
  }).run(controller.signal);
  await isOver;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    of,
    values: {
      eventsPerSecond: Math.round(events.length / seconds),
      events: events.length,
      batches,
      meanBatchMs: rounded(sqlMs / batches),
      nodeCpuMsPer1000Events: rounded((user + system) / events.length),
      postgresCpuMsPer1000Events: rounded((postgresSeconds * 1e6) / events.length),
    },
  };
};

/** Both in one run, by turns: two runs after each other differ by more than what is looked for. */
const withAndWithoutIndex = async (postgres: OwnPostgres): Promise<readonly Measurement[]> => {
  const events = wholeLives(EVENTS / 4, 250);
  const of = 'whole lives, 250 side by side, by turns';
  const alone: Measurement[] = [];
  const beside: Measurement[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    alone.push(await throughput(postgres, `${of}: alone`, events));
    beside.push(
      await throughput(postgres, `${of}: beside the index of searches`, events, indexing),
    );
  }
  return [alone, beside].map((measured) => ({
    of: measured[0]?.of ?? of,
    ...ofRuns(measured.map(({ values }) => values)),
  }));
};

/** What the projector and Postgres can do, when the log is no limit. */
export const projectorThroughput: Row = {
  name: 'projector',
  measure: async (options) =>
    await onOwnPostgres(options, async (postgres) => {
      options.note(`${EVENTS} events through the projector, three times`);
      const onlyScheduled = Array.from({ length: EVENTS }, (_, n) => scheduled(n, n));
      await throughput(postgres, 'warm-up', onlyScheduled.slice(0, 10_000));
      return [
        await throughput(postgres, 'JobScheduled only', onlyScheduled),
        await throughput(postgres, 'whole lives, 250 side by side', wholeLives(EVENTS / 4, 250)),
        await throughput(
          postgres,
          'whole lives, 5,000 side by side',
          wholeLives(EVENTS / 4, 5_000),
        ),
        ...(await withAndWithoutIndex(postgres)),
      ];
    }),
};
