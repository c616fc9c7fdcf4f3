import type { HttpUser } from '../../support/http';
import { openLive, type LiveConnection, type LiveEvent } from '../../support/live-stream';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

// the status changes live, on the running product

let ada: HttpUser;
let bob: HttpUser;
const opened: LiveConnection[] = [];

beforeAll(() => {
  [ada, bob] = [userOf('ada'), userOf('bob')];
});

afterAll(async () => {
  await Promise.all(opened.map(({ close }) => close()));
});

const listen = async (who: string, lastEventId?: string): Promise<LiveConnection> => {
  const live = await openLive(stack().httpUrl, stack().keyOf(who), lastEventId);
  opened.push(live);
  await until(() => live.lastEventId() !== '');
  return live;
};
const statusesOf = (events: readonly LiveEvent[], jobId: string): readonly unknown[] =>
  events.filter(({ data }) => data.jobId === jobId).map(({ data }) => data.status);
const owners = ({ events }: LiveConnection): ReadonlySet<unknown> =>
  new Set(events().map(({ data }) => data.ownerId));
const idsOf = (events: readonly LiveEvent[]): readonly bigint[] =>
  events.map(({ id }) => BigInt(id));

const wholeLife = ['scheduled', 'queued', 'running', 'succeeded'];

test('a whole life comes as it happens, in order; users hear their own jobs, an operator all', async () => {
  const [hers, his, all] = [await listen('ada'), await listen('bob'), await listen('olga')];
  const [one, other] = [await ada.schedule(Date.now()), await bob.schedule(Date.now())];
  await until(
    () =>
      statusesOf(hers.events(), one).includes('succeeded') &&
      statusesOf(his.events(), other).includes('succeeded') &&
      [one, other].every((jobId) => statusesOf(all.events(), jobId).includes('succeeded')),
  );
  expect(statusesOf(hers.events(), one)).toEqual(wholeLife);
  expect(statusesOf(his.events(), other)).toEqual(wholeLife);
  for (const jobId of [one, other]) expect(statusesOf(all.events(), jobId)).toEqual(wholeLife);
  expect([[...owners(hers)], [...owners(his)]]).toEqual([['ada'], ['bob']]);
  const ids = idsOf(all.events());
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));
});

test('who resumes with Last-Event-ID hears what was missed and what is new, each change once', async () => {
  const first = await listen('ada');
  const heard = await ada.schedule(Date.now());
  await until(() => statusesOf(first.events(), heard).includes('succeeded'));
  await first.close();
  const missed = await ada.schedule(Date.now());
  await ada.untilStatus(missed, 'succeeded');

  const again = await listen('ada', first.lastEventId());
  const fresh = await ada.schedule(Date.now());
  await until(() => statusesOf(again.events(), fresh).includes('succeeded'));
  for (const jobId of [missed, fresh]) expect(statusesOf(again.events(), jobId)).toEqual(wholeLife);
  expect(statusesOf(again.events(), heard)).toEqual([]);
  for (const id of idsOf(again.events())) expect(id).toBeGreaterThan(BigInt(first.lastEventId()));
});

test('kill -9 of the API in a storm of changes: the resumed connection has no gap and no repeat', async () => {
  const count = isLong ? 100 : 40;
  const before = await listen('ada');
  const schedule = (from: number) =>
    Promise.all(
      Array.from({ length: count / 2 }, (_, i) => ada.schedule(Date.now() + from + i * 20)),
    );
  const jobs = [...(await schedule(100)), ...(await schedule(2_000))];
  await until(() => before.events().length > count / 2);
  process.kill((await stack().endpoints()).pids['edge'] ?? 0, 'SIGKILL');
  await until(before.hasEnded);

  const after = await until(() => listen('ada', before.lastEventId()), {
    what: 'the API answers again on its port',
  });
  const both = () => [...before.events(), ...after.events()];
  await until(() => jobs.every((jobId) => statusesOf(both(), jobId).includes('succeeded')), {
    what: 'all jobs are told to have succeeded',
  });
  const ids = idsOf(both());
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));
  for (const jobId of jobs) {
    const told = both().filter(({ data }) => data.jobId === jobId);
    expect(told.map(({ data }) => data.revision)).toEqual(told.map((_, revision) => revision));
  }
  expect(both().filter(({ event }) => event !== 'status')).toEqual([]);
});

test('a place that is no longer kept begins with reset, so that the reader reads the lists again', async () => {
  const { body } = await ada.post('/v1/jobs', {
    name: 'the newest',
    dueAt: new Date(Date.now() + 3_600_000).toISOString(),
    location: 'print:',
  });
  const beyond = BigInt(body.position ?? 0) + 1_000_000n;
  const live = await listen('ada', String(beyond));
  await until(() => live.events().length > 0);
  expect(live.events()[0]?.event).toBe('reset');
  expect(BigInt(live.lastEventId())).toBeLessThan(beyond);
});
