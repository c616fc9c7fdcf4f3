import { httpClient } from './http-client';
import { jobBody, ownerOf, someDay } from './jobs';
import { latest } from './latest';
import { inFlight } from './pace';
import { onRig, type Rig } from './rig';
import type { Limit, Measurement, Row, RowOptions } from './row';
import { keyOf } from './stack';
import { ofRuns, percentiles, rounded } from './statistics';

/** Schedules `jobs` jobs by `calls` calls. @returns the last log position that was answered */
type Way = {
  readonly of: string;
  readonly jobs: number;
  readonly target: readonly Limit[];
  readonly stretch: readonly Limit[];
  readonly run: (rig: Rig, jobs: number, took: (ms: number) => void) => Promise<bigint>;
};

const RUNS = 3;

const inProcess = (width: number, jobs: number, target: number): Way => ({
  of: `in process, ${width} in flight`,
  jobs,
  target: [{ of: 'keptUpPerSecond', atLeast: target }],
  stretch: [{ of: 'keptUpPerSecond', atLeast: 10_000 }],
  run: async ({ schedule }, count, took) => {
    const last = latest();
    await inFlight(width, count, async (index) => {
      const sentMs = performance.now();
      const { position } = await schedule(index, someDay(index));
      took(performance.now() - sentMs);
      last.see(position);
    });
    return last.get();
  },
});

const overHttp = (connections: number, jobs: number): Way => ({
  of: `HTTP, one job a request, ${connections} connections`,
  jobs,
  target: [{ of: 'keptUpPerSecond', atLeast: 2_000 }],
  stretch: [{ of: 'keptUpPerSecond', atLeast: 4_000 }],
  run: async ({ urls }, count, took) => {
    const last = latest();
    const http = httpClient(urls.httpUrl, connections);
    await inFlight(connections, count, async (index) => {
      const sentMs = performance.now();
      const body = jobBody(someDay(index));
      const { status, text } = await http.send('POST', '/v1/jobs', keyOf(ownerOf(index)), body);
      took(performance.now() - sentMs);
      if (status !== 201) throw new Error(`a job was answered ${status}: ${text.slice(0, 200)}`);
      last.see(BigInt(/"position":"(\d+)"/.exec(text)?.[1] ?? 0));
    });
    http.close();
    return last.get();
  },
});

const overBatches = (connections: number, batch: number, jobs: number): Way => ({
  of: `HTTP, batches of ${batch}, ${connections} connections`,
  jobs,
  target: [{ of: 'keptUpPerSecond', atLeast: 6_000 }],
  stretch: [{ of: 'keptUpPerSecond', atLeast: 10_000 }],
  run: async ({ urls, scheduleBatch }, count, took) => {
    const last = latest();
    const http = httpClient(urls.httpUrl, connections);
    await inFlight(connections, count / batch, async (index) => {
      const sentMs = performance.now();
      const dueAts = Array.from({ length: batch }, (_, n) => someDay(index * batch + n));
      for (const { position } of await scheduleBatch(http, index, dueAts)) last.see(position);
      took(performance.now() - sentMs);
    });
    http.close();
    return last.get();
  },
});

/** `answered` counts until the last answer, `keptUp` until the read model has all of it. */
const runOnce = async (rig: Rig, { run, jobs }: Way) => {
  const tookMs: number[] = [];
  const startMs = performance.now();
  const last = await run(rig, jobs, (ms) => tookMs.push(ms));
  const answeredMs = performance.now() - startMs;
  const keptUpMs = (await rig.projected.reached(last)) - startMs;
  const { p50Ms, p99Ms } = percentiles(tookMs);
  return {
    keptUpPerSecond: rounded((jobs * 1_000) / keptUpMs),
    answeredPerSecond: rounded((jobs * 1_000) / answeredMs),
    p50Ms,
    p99Ms,
  };
};

const measured = (options: RowOptions, way: Way): Promise<Measurement> =>
  onRig(options, async (rig) => {
    options.note(`schedule: ${way.of}`);
    await way.run(rig, way.jobs / 4, () => undefined);
    const runs = [];
    const stopCounting = await rig.cpu.start();
    for (let run = 0; run < RUNS; run++) runs.push(await runOnce(rig, way));
    const { of, target, stretch } = way;
    return { of, ...ofRuns(runs), target, stretch, ...(await stopCounting(RUNS * way.jobs)) };
  });

const rowOf = (name: string, ways: readonly Way[]): Row => ({
  name,
  measure: async (options) => {
    const measurements: Measurement[] = [];
    for (const way of ways) measurements.push(await measured(options, way));
    return measurements;
  },
});

/** The command in this process, with the projector keeping up. */
export const scheduleInProcess = rowOf('schedule-in-process', [
  inProcess(64, 20_000, 6_000),
  inProcess(256, 30_000, 8_000),
]);

/** The same through the API. */
export const scheduleOverHttp = rowOf('schedule-over-http', [
  overHttp(64, 6_000),
  overBatches(4, 100, 20_000),
  overBatches(4, 500, 20_000),
]);
