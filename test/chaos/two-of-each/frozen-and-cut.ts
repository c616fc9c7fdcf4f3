import { allJobs } from '../../support/all-jobs';
import type { HttpUser } from '../../support/http';
import { breachesOf, readJobStreams, type LoggedEvent } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import type { WorkerName } from '../../support/cluster';
import { apart, cluster, cutOff, type kinds, SILENT_MS, userOf } from './cluster';

// silence of one messenger is no death: processes freeze longer than an executor may be silent, connections are
// cut without a word, and eight jobs that run on living executors all that time run once

const FREEZE_MS = isLong ? 40_000 : 10_500;

describe('jobs that run long', () => {
  let ledger: RunLedger;
  let ada: HttpUser;
  let longJobs: readonly string[];
  const quickJobs: string[] = [];

  const retry = { maxAttempts: 20, initialDelayMs: 100, maxDelayMs: 500 };
  const scheduleLong = (): Promise<string> =>
    ada.schedule(Date.now(), {
      location: 'print:',
      payload: { sleepMs: 600_000 },
      timeoutMs: 700_000,
      retry,
    });
  const startsOf = (events: readonly LoggedEvent[] = []): number =>
    events.filter(({ type }) => type === 'JobStarted').length;

  /** Jobs that come due all the while: the system works on, whatever is frozen. */
  const trickle = async (forMs: number): Promise<void> => {
    const untilMs = performance.now() + forMs;
    while (performance.now() < untilMs) {
      quickJobs.push(await ada.schedule(Date.now(), { location: ledger.location, retry }));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const quickOnesEnd = (): Promise<unknown> =>
    until(() => new Set(ledger.runs().map((run) => run.split('/')[0])).size >= quickJobs.length, {
      what: 'all quick jobs have run',
    });
  const expectLongOnesToRunOnce = async (): Promise<void> => {
    const streams = await readJobStreams(cluster().eventstoreUrl);
    const told = longJobs.map((jobId) => streams.get(jobId)?.map(({ type }) => type));
    expect(told).toEqual(longJobs.map(() => ['JobScheduled', 'JobDispatched', 'JobStarted']));
  };

  beforeAll(async () => {
    ledger = await startRunLedger(20);
    ada = userOf('ada');
    longJobs = await Promise.all(Array.from({ length: 8 }, () => scheduleLong()));
    await ada.untilAll(longJobs, 'running');
    const streams = await readJobStreams(cluster().eventstoreUrl);
    expect(longJobs.map((jobId) => startsOf(streams.get(jobId)))).toEqual(longJobs.map(() => 1));
  });

  afterAll(async () => {
    for (const jobId of longJobs) await ada.post(`/v1/jobs/${jobId}/abort`); // who stops would wait for them
    await ada.untilAll(longJobs, 'aborted');
    await ledger.close();
  });

  const bothOf = (kind: (typeof kinds)[number]): readonly WorkerName[] => [kind, `${kind}#2`];
  /** Without an archivist nobody waits. */
  const toldOf = (kind: (typeof apart)[number]): RegExp =>
    kind === 'archivist' ? /^200 / : new RegExp(`^200 .*"${kind}":"not heard of for \\d+ s"`);
  /** Nobody takes over from any of them, but from one of the gateways. The gate freezes those that two-of-each does not. */
  const frozen: readonly (readonly [string, readonly WorkerName[], RegExp])[] = [
    ['gateway', ['executor-gateway'], /^200 /],
    ['pair of projectors', bothOf('projector'), /^503 .*"projector":"not heard of for \d+ s"/],
    ...(isLong
      ? ([
          [
            'pair of dispatchers',
            bothOf('dispatcher'),
            /^503 .*"dispatcher":"not heard of for \d+ s"/,
          ],
          ['pair of rescuers', bothOf('rescuer'), /^200 .*"rescuer":"not heard of for \d+ s"/],
          ...apart.map((kind) => [kind, [kind], toldOf(kind)] as const),
        ] as const)
      : []),
  ];
  const untilReadyz = (says: RegExp): Promise<unknown> =>
    until(
      async () => {
        const { status, body } = await ada.get('/readyz');
        return says.test(`${status} ${JSON.stringify(body)}`);
      },
      { what: `/readyz says ${String(says)}` },
    );

  test.each(frozen)(
    'a frozen %s, and its thaw, make no second run of a job whose executor lives; /readyz tells what stands still, and that it goes on',
    async (_name, members, says) => {
      for (const name of members) cluster().signal(name, 'SIGSTOP');
      await trickle(FREEZE_MS);
      await untilReadyz(says);
      for (const name of members) cluster().signal(name, 'SIGCONT');
      await untilReadyz(/^200 /);
      await quickOnesEnd();
      await expectLongOnesToRunOnce();
    },
  );

  (isLong ? test : test.skip)(
    'a frozen API, and its thaw, make no second run of a job whose executor lives: what it was asked meanwhile is answered then',
    async () => {
      cluster().signal('web', 'SIGSTOP');
      // due when the API is back: what it reads too late to be on time it refuses
      const dueAt = Date.now() + FREEZE_MS + 10_000;
      const asked = ada.schedule(dueAt, { location: ledger.location, retry });
      await new Promise((resolve) => setTimeout(resolve, FREEZE_MS));
      cluster().signal('web', 'SIGCONT');
      quickJobs.push(await asked);
      await quickOnesEnd();
      await expectLongOnesToRunOnce();
    },
  );

  test('connections to the broker that go silent without a reset are noticed and renewed, and nobody is lost', async () => {
    for (const name of cutOff) cluster().silence(name);
    await trickle(SILENT_MS + 1_000);
    await quickOnesEnd();
    await expectLongOnesToRunOnce();
  });

  test('in all that nothing ran early or twice, and every job that could end has ended', async () => {
    const views = await until(
      async () => {
        const jobs = await allJobs(ada);
        return quickJobs.every((jobId) => jobs.get(jobId)?.status === 'succeeded')
          ? jobs
          : undefined;
      },
      { what: 'all quick jobs have succeeded' },
    );
    for (const jobId of longJobs) expect(views.get(jobId)).toMatchObject({ status: 'running' });
    const streams = await readJobStreams(cluster().eventstoreUrl);
    expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
    const runs = ledger.runs();
    expect(new Set(runs).size).toBe(runs.length);
    const lost = [...longJobs, ...quickJobs].filter((jobId) =>
      streams.get(jobId)?.some(({ data }) => data['cause'] === 'executor-lost'),
    );
    expect(lost).toEqual([]);
  });
});
