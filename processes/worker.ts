import { createMetrics } from '../infra/metrics';
import { migrate } from '../infra/postgres/migrate';
import { isTransientPostgresError } from '../infra/postgres/failures';
import { migrations } from '../projections/migrations/migrations';
import { retrying } from './backoff';
import { composers } from './compose';
import type { ProcessName } from './config';
import type { Log } from './log';
import { metricsServer } from './metrics-server';
import type { Process } from './process';
import { resources } from './resources';
import { shared, type WorkerConfig } from './shared';
import type { WorkerReady } from './supervisor';

export type WorkerDeps = {
  readonly config: WorkerConfig;
  readonly names: readonly ProcessName[];
  readonly log: Log;
  /** Told once, when all of the processes run. */
  readonly onReady: (ready: WorkerReady) => void;
};

/** How long Postgres may be away at the start. */
const migrateWithinMs = 30_000;

/** Runs several as one: the first that ends unasked, well or not, ends all of them. */
const runAll = async (processes: readonly Process[], outer: AbortSignal): Promise<void> => {
  const inner = new AbortController();
  const signal = AbortSignal.any([outer, inner.signal]);
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
  const { config, names, log, onReady } = deps;
  const opened = resources();
  try {
    await retrying(() => migrate(config.POSTGRES_URL, migrations), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(migrateWithinMs)]),
      draw: Math.random,
      isTransient: isTransientPostgresError,
    });
    const metrics = createMetrics();
    const urls: { httpUrl?: string; metricsUrl?: string } = {};
    const unfit = unfitWatch();
    const all = shared(config, opened, log, metrics, { signal, fail: unfit.fail });
    await all.systemId();
    let tellHttp: (url: string) => void = () => undefined;
    const listening = new Promise<string>((resolve) => {
      tellHttp = resolve;
    });
    const processes: Process[] = [unfit.process];
    for (const name of names) processes.push(await composers[name](all, tellHttp));

    const { METRICS_PORT: port, HTTP_HOST: host } = config;
    let tellMetrics: (url: string) => void = () => undefined;
    const metricsListening = new Promise<string>((resolve) => {
      tellMetrics = resolve;
    });
    const hasMetrics = port !== undefined && !names.includes('web');
    if (hasMetrics) processes.push(metricsServer(metrics, { host, port }, tellMetrics));

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
