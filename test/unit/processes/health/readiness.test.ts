import { clocksAgree, processesMove } from '../../../../processes/health/readiness';
import type { ProcessVitals } from '../../../../projections/queries/operating/process-vitals';

const well = (process: string, more: Partial<ProcessVitals> = {}): ProcessVitals => ({
  process,
  unseenMs: 500,
  stillMs: 100,
  hindrances: [],
  skewsMs: {},
  ...more,
});
const all = [
  ...['projector', 'planner', 'dispatcher', 'executor-gateway', 'rescuer'],
  ...['bulk-changer', 'notifier'],
].map((name) => well(name));
const without = (process: string) => all.filter((one) => one.process !== process);
const look = (known: readonly ProcessVitals[]) =>
  processesMove(() => Promise.resolve(known)).look();

const hindrances = [{ server: 'broker', reason: 'NATS_URL: no answer' }];

test('with one of each that lives and moves jobs run, so this is ready', async () => {
  expect(await look(all)).toEqual({ status: 'ok' });
});

test.each`
  case                 | known                                                                         | says                                 | status
  ${'never started'}   | ${without('projector')}                                                       | ${/^none is running: start one/}     | ${'fail'}
  ${'killed'}          | ${[...without('dispatcher'), well('dispatcher', { unseenMs: 12_000 })]}       | ${/^not heard of for 12 s/}          | ${'fail'}
  ${'hung'}            | ${[...without('dispatcher'), well('dispatcher', { stillMs: 20_000 })]}        | ${/^has not moved for 21 s/}         | ${'fail'}
  ${'waits'}           | ${[...without('executor-gateway'), well('executor-gateway', { hindrances })]} | ${/^waits for the broker: NATS_URL/} | ${'fail'}
  ${'planner is away'} | ${without('planner')}                                                         | ${/^none is running/}                | ${'warn'}
  ${'rescuer is away'} | ${without('rescuer')}                                                         | ${/^none is running/}                | ${'warn'}
`('a process that is $case is told: $says', async ({ known, says, status }: Row) => {
  const seen = await look(known);
  expect(seen.status).toBe(status);
  expect(Object.values(seen.detail ?? {})).toEqual([expect.stringMatching(says)]);
});

test('one of two that works is enough: the other is on its way back, or a standby', async () => {
  const other = well('dispatcher', { hindrances, stillMs: 60_000, unseenMs: 60_000 });
  expect(await look([...all, other])).toEqual({ status: 'ok' });
});

test('a clock that is more than a second off is told, by who compares and with whom; it is no reason to serve nobody', async () => {
  const seen = await clocksAgree(() =>
    Promise.resolve([
      well('projector', { skewsMs: { 'event-store': 900, 'read-model': -400 } }),
      well('dispatcher', { skewsMs: { 'event-store': -11_000 } }),
      well('dispatcher', { skewsMs: { broker: 60_000 }, unseenMs: 60_000 }),
    ]),
  ).look();
  expect(seen).toEqual({
    status: 'warn',
    detail: { off: [{ process: 'dispatcher', server: 'event-store', aheadMs: -11_000 }] },
  });
});

type Row = {
  readonly known: readonly ProcessVitals[];
  readonly says: RegExp;
  readonly status: string;
};
