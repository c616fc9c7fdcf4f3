import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { heapFlags } from '../embedded/node-child';
import { childrenSeconds, processSeconds, withEndedChildren } from './cpu';
import { onFilledLog, type FilledLog } from './filled-log';
import type { Measurement, Row } from './row';
import { rounded } from './statistics';

const JOBS = 250_000;
/** Status changes are kept for a day: of a log that is rebuilt, all but the last day makes none. */
const DAY_MS = 24 * 3_600_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs the built verb to its end, as an operator does. @throws Error for any exit code but 0 */
const replay = async ({ postgres, server }: FilledLog, ...flags: string[]): Promise<void> => {
  const verb = join(__dirname, '..', 'cli', 'main.js');
  const where = ['--eventstore', server.url, '--postgres', postgres.url, '--json'];
  await promisify(execFile)(process.execPath, [...heapFlags, verb, 'replay', ...where, ...flags], {
    env: { PATH: process.env['PATH'] },
    maxBuffer: MAX_OUTPUT_BYTES,
  });
};

/** Of the verb, Postgres and the event store together, since the call. */
const countingCpu = async ({ postgres, server }: FilledLog) => {
  const used = async (): Promise<number> =>
    (await withEndedChildren(process.pid)) +
    (await withEndedChildren(postgres.pid)) +
    (await childrenSeconds(postgres.pid)) +
    (await processSeconds(server.pid));
  const before = await used();
  return async () => (await used()) - before;
};

const measured = async (
  log: FilledLog,
  of: string,
  work: () => Promise<void>,
): Promise<Measurement> => {
  const cpuSeconds = await countingCpu(log);
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    of,
    values: {
      eventsPerSecond: Math.round(log.events / seconds),
      events: log.events,
      secondsPerMillionEvents: rounded((seconds * 1_000_000) / log.events),
      cpuSecondsPerMillionEvents: rounded(((await cpuSeconds()) * 1_000_000) / log.events),
    },
    target: [{ of: 'eventsPerSecond', atLeast: 20_000 }],
  };
};

const lost = async (log: FilledLog, of: string): Promise<Measurement> => {
  await log.postgres.db.raw('drop schema public cascade; create schema public');
  return await measured(log, of, () => replay(log));
};

/** `punctual replay` from its start to its end: scan, indexes, due jobs, comparison and exchange included. */
export const rebuild: Row = {
  name: 'rebuild',
  measure: async (options) => [
    ...(await onFilledLog(options, { jobs: JOBS, endedAgoMs: DAY_MS }, async (log) => {
      options.note('rebuilding a read model that is lost, then one that is live');
      return [
        await lost(log, 'all read tables lost'),
        await measured(log, 'beside live tables, compared', () => replay(log, '--dry-run')),
      ];
    })),
    ...(await onFilledLog(options, { jobs: JOBS }, async (log) => {
      options.note('rebuilding a read model that is lost, with all its status changes');
      return [await lost(log, 'all read tables lost, all of the last day')];
    })),
  ],
};
