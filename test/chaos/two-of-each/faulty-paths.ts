import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerName } from '../../support/cluster';
import type { Faults } from '../../support/fault-proxy';
import type { HttpUser } from '../../support/http';
import { breachesOf, readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import { cluster, userOf, workers } from './cluster';

// what lies between the processes and a server swallows, delays and cuts; afterwards all that was accepted runs, once

const FAULT_MS = 4_000;
/** As docs/operations.md says, whatever servers do. */
const STOPS_WITHIN_MS = 15_000;

let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(0);
  ada = userOf('ada');
});

afterAll(() => ledger.close());

const faults: Readonly<Record<string, (proxy: Faults) => void>> = {
  swallows: (proxy) => proxy.swallow(),
  cuts: (proxy) => proxy.cut(),
  delays: (proxy) => proxy.delay(150),
};
/** The fault that the gate tries on the path to each server; the long rounds try all. */
const turns: readonly (readonly [ServerName, keyof typeof faults])[] = [
  ['eventstore', 'swallows'],
  ['nats', 'cuts'],
  ['postgres', 'delays'],
];

/** Schedules a job each 100 ms that is due at once, while the fault lasts. @returns those that were accepted */
const trickle = async (forMs: number): Promise<readonly string[]> => {
  const asked: Promise<string | undefined>[] = [];
  for (const endMs = Date.now() + forMs; Date.now() < endMs; await sleep(100))
    asked.push(ada.schedule(Date.now(), { location: ledger.location }).catch(() => undefined));
  return (await Promise.all(asked)).flatMap((jobId) => jobId ?? []);
};

/** What `/readyz` says of a path that is lost; one that is only slow is no reason to serve nobody. */
const unready: Readonly<Record<ServerName, RegExp>> = {
  eventstore: /"name":"event-log","status":"fail"/,
  nats: /"name":"processes","status":"fail","detail":\{.*waits for the broker: /,
  postgres: /"name":"read-model","status":"fail"/,
};

const isReady = async (): Promise<boolean> => (await ada.get('/readyz')).status === 200;

describe.each(turns)('a path to the %s', (name, turn) => {
  test.each(Object.entries(faults).filter(([fault]) => isLong || fault === turn))(
    'that %s for seconds: all that was accepted runs, nothing twice, and the API is ready again',
    async (_, begin) => {
      await until(isReady, { what: 'the API is ready' });
      const before = await ada.schedule(Date.now() + FAULT_MS / 2, { location: ledger.location });
      begin(cluster().proxyOf(name));
      const during = await trickle(FAULT_MS);
      if (begin !== faults['delays'])
        await until(
          async () => {
            const { status, body } = await ada.get('/readyz');
            return status === 503 && unready[name].test(JSON.stringify(body));
          },
          { what: 'the API says that it is not ready, and why' },
        );
      cluster().proxyOf(name).heal();
      const after = await until(() => ada.schedule(Date.now(), { location: ledger.location }), {
        what: 'a command is accepted again',
      });
      const jobIds = [before, ...during, after];
      await ada.untilAll(jobIds, 'succeeded');
      const streams = await readJobStreams(cluster().eventstoreUrl);
      const last = jobIds.map((jobId) => streams.get(jobId)?.at(-1)?.type);
      expect(last).toEqual(jobIds.map(() => 'JobSucceeded'));
      expect(jobIds.flatMap((jobId) => breachesOf(jobId, streams.get(jobId) ?? []))).toEqual([]);
      const runs = ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
      expect(new Set(runs).size).toBe(runs.length); // no attempt twice
      await until(isReady, { what: 'the API is ready again' });
    },
  );
});

const testInLongRounds = isLong ? test : test.skip;

// 10 s of these are waited out by each process: too long for the gate, and nothing for a machine with other work
testInLongRounds(
  'servers that fall silent keep no process from stopping in time: all three at once, and each ends within 15 s of SIGTERM',
  async () => {
    const servers = ['eventstore', 'nats', 'postgres'] as const;
    for (const name of servers) cluster().proxyOf(name).swallow();
    const stopped = await Promise.all(
      workers.map(async (name) => {
        const begunMs = performance.now();
        await cluster().terminate(name);
        return { name, tookMs: performance.now() - begunMs };
      }),
    );
    expect(stopped.filter(({ tookMs }) => tookMs > STOPS_WITHIN_MS)).toEqual([]);
    for (const name of servers) cluster().proxyOf(name).heal();
    await Promise.all(workers.map((name) => cluster().start(name))); // for the parts that follow
  },
);
