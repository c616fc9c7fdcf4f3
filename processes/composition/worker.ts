import { randomUUID } from 'node:crypto';
import { systemClock } from '../../infra/clock';
import { createMetrics } from '../../infra/metrics';
import { vitalsStore } from '../../infra/postgres/process-vitals';
import { clockWatch } from '../health/clock-watch';
import { composers } from './composers';
import type { ProcessName } from '../settings/process-names';
import type { Logger } from '../runtime/logger';
import { innerController } from '../runtime/inner-signal';
import { metricsServer } from '../runtime/metrics-server';
import { startOnPostgres } from '../starting/postgres-start';
import type { Process } from '../runtime/process';
import { resources } from '../runtime/resources';
import { checkServer } from '../starting/server-checks';
import { shared, type WorkerConfig } from './shared';
import type { WorkerReady } from './supervisor';
import { vitalsWatch } from '../health/vitals-watch';

export type WorkerDeps = {
  readonly config: WorkerConfig;
  readonly names: readonly ProcessName[];
  readonly logger: Logger;
  /** Told once, when all of the processes run. */
  readonly onReady: (ready: WorkerReady) => void;
};

/** Beside the pool: that of the projector, of a listener, and of two locks. */
const OTHER_CONNECTIONS = 4;

/** Runs several as one: the first that ends unasked, well or not, ends all of them. */
const runAll = async (processes: readonly Process[], outer: AbortSignal): Promise<void> => {
  const inner = innerController(outer);
  const { signal } = inner;
  const runs = processes.map(async ({ name, run }) => {
    try {
      await run(signal);
      if (!signal.aborted) throw new Error(`${name} ended unasked`);
    } finally {
      inner.abort();
    }
  });
  const failed = (await Promise.allSettled(runs)).filter(({ status }) => status === 'rejected');
  if (failed.length > 0)
    throw new AggregateError(
      failed.map((run) => ('reason' in run ? (run.reason as unknown) : run)),
    );
};

/** Ends the program when a server turns out to be none that it may use. */
const unfitWatch = (): { readonly fail: (error: Error) => void; readonly process: Process } => {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // heard by the process, once that runs
  const run = async (signal: AbortSignal): Promise<void> => {
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    await Promise.race([failed, stopped]);
  };
  return { fail: (error) => fail(error), process: { name: 'server-watch', run } };
};

/**
 * Runs processes in this program until the signal aborts, then lets them drain.
 *
 * @throws AggregateError with what made a process end
 */
export const runWorker = async (deps: WorkerDeps, signal: AbortSignal): Promise<void> => {
  const { config, names, logger, onReady } = deps;
  const opened = resources();
  try {
    // an executor has the broker alone, and may be where nothing else is in reach
    const usesLogAndTables = names.some((name) => name !== 'executor');
    const postgres = {
      url: config.POSTGRES_URL,
      migrates: config.MIGRATE === 'on',
      connections: config.POSTGRES_POOL_SIZE + OTHER_CONNECTIONS,
      logger,
    };
    if (usesLogAndTables && !(await startOnPostgres(postgres, signal))) return;
    const metrics = createMetrics();
    const urls: { httpUrl?: string; metricsUrl?: string } = {};
    const unfit = unfitWatch();
    const all = shared(config, opened, logger, metrics, { names, signal, fail: unfit.fail });
    if (usesLogAndTables) {
      await checkServer(all.checks(), { url: config.EVENTSTORE_URL, logger });
      await all.systemId();
    }
    let tellHttp: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => {
      tellHttp = resolve;
    });
    const processes: Process[] = [unfit.process];
    for (const name of names) processes.push(await composers[name](all, tellHttp));
    const watched = names.map(all.vitals);
    const clocks = clockWatch({
      servers: usesLogAndTables ? all.clocks() : {},
      clock: systemClock,
      logger,
      observe: all.health.clockSkewMs,
    });
    processes.push(clocks);
    processes.push(
      vitalsWatch({
        instance: randomUUID(),
        watched,
        skews: clocks.skews,
        ...(usesLogAndTables && { store: vitalsStore(all.database()) }),
        logger,
      }),
    );

    const { METRICS_PORT: port, HTTP_HOST: host } = config;
    let tellMetrics: (url: string) => void = () => undefined;
    const metricsListening = new Promise<string>((resolve) => {
      tellMetrics = resolve;
    });
    const hasMetrics = port !== undefined && !names.includes('web');
    if (hasMetrics)
      processes.push(
        metricsServer(
          metrics,
          () => watched.map(({ look }) => look()),
          { host, port },
          tellMetrics,
        ),
      );

    const running = runAll(processes, signal);
    const ready = async (): Promise<void> => {
      if (names.includes('web')) urls.httpUrl = await listening;
      if (hasMetrics) urls.metricsUrl = await metricsListening;
      if (!signal.aborted) onReady(urls);
    };
    await Promise.race([running, ready()]);
    await running;
  } finally {
    await opened.close();
  }
};
