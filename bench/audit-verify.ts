import { logAudit } from '../domain/audit/log-audit';
import type { Violation } from '../domain/audit/violation';
import { calendarsBy } from '../domain/schedule/calendars';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreScan } from '../infra/eventstore/log-scan';
import { pinnedZones } from '../infra/tzdata/pinned';
import { streamCheck } from '../projections/audit/stream-check';
import { verifyLog } from '../projections/audit/verify';
import type { LogScan, StoredBytes } from '../projections/reading/log-scan';
import { onFilledLog } from './filled-log';
import { interruptible } from './interruptible';
import type { Figures, Measurement, Row, RowOptions } from './row';
import { ofRuns, rounded } from './statistics';
import { streams } from './names';

const JOBS = 250_000;
const JOBS_IN_MEMORY = 25_000;
const RUNS = 3;

const refuse = (violation: Violation): void => {
  throw new Error(`the filled log breaks ${violation.rule}: ${violation.message}`);
};

/** Memory of the traces, which a garbage collection does not take. */
const heapBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const verifyOnce = async (scan: LogScan, signal: AbortSignal): Promise<Figures> => {
  const audit = logAudit(refuse, calendarsBy(pinnedZones), true);
  const check = streamCheck({
    audit,
    start: { kind: 'log-start' },
    read: () => Promise.reject(new Error('nothing is read beside the scan')),
  });
  const before = heapBytes();
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const { events } = await verifyLog({
    ...{ scan, audit, signal, checks: [check], report: refuse },
    start: { kind: 'log-start' },
    end: { kind: 'log-end' },
    progress: { events: () => undefined, rows: () => undefined },
  });
  audit.end(Date.now(), 3_600_000);
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return {
    events,
    perSecond: Math.round((events * 1_000) / elapsedMs),
    cpuUsPerEvent: rounded((user + system) / events),
    bytesPerJob: Math.round((heapBytes() - before) / audit.jobs.size()),
  };
};

const inMemory = (batches: readonly (readonly StoredBytes[])[]): LogScan =>
  async function* scan() {
    for (const batch of batches) yield await Promise.resolve(batch);
  };

const firstBatches = async (
  scan: LogScan,
  signal: AbortSignal,
): Promise<readonly (readonly StoredBytes[])[]> => {
  const batches: (readonly StoredBytes[])[] = [];
  for await (const batch of scan({ after: 'start' }, signal)) batches.push(batch);
  return batches;
};

const measure = async (options: RowOptions, jobs: number, isInMemory: boolean) =>
  await onFilledLog(options, { jobs }, async ({ server }) => {
    const client = openEventStore(server.url);
    const stored = eventStoreScan(client, streams);
    const { signal } = options;
    const scan = isInMemory ? inMemory(await firstBatches(stored, signal)) : stored;
    const runs: Figures[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      options.note(`verifying ${jobs} jobs, run ${run + 1}`);
      runs.push(await interruptible(signal, () => verifyOnce(scan, signal)));
    }
    await closeEventStore(client);
    return ofRuns(runs);
  });

/** `audit verify` without read model and messages: all of a log, and the checks alone over events in memory. */
export const auditVerify: Row = {
  name: 'audit-verify',
  measure: async (options): Promise<readonly Measurement[]> => [
    {
      of: 'checks alone',
      ...(await measure(options, JOBS_IN_MEMORY, true)),
      target: [{ of: 'cpuUsPerEvent', atMost: 12 }],
    },
    {
      of: 'whole log',
      ...(await measure(options, JOBS, false)),
      target: [{ of: 'perSecond', atLeast: 50_000 }],
    },
  ],
};
