import { memoryScan } from '../../../../infra/memory/log-scan';
import type { LogConsumer } from '../../../../processes/archiving/consumer';
import { archivingRound } from '../../../../processes/archiving/round';

const EVENTS = 25_000;
/** What consumers are given at once. */
const BATCH = 10_000;
const scan = memoryScan(
  Array.from({ length: EVENTS }, (_, n) => ({
    ...{ id: String(n), stream: 'job-x', type: 'T', data: {}, metadata: {} },
    ...{ revision: BigInt(n), position: BigInt(n) },
  })),
);
const never = new AbortController().signal;

/** One that keeps what it takes, and fails when it is told to. */
const keeper = (name: string, isBroken: () => boolean = () => false) => {
  const kept: bigint[] = [];
  const consumer: LogConsumer = {
    name,
    position: () => Promise.resolve(kept.at(-1) ?? 'start'),
    take: (batch) => {
      if (isBroken()) return Promise.reject(new Error(`${name} is broken`));
      kept.push(...batch.map(({ position }) => position));
      return Promise.resolve();
    },
    serverAt: () => 'read-model',
  };
  return { consumer, kept };
};
const all = Array.from({ length: EVENTS }, (_, n) => BigInt(n));

test('every consumer gets every event once, in order, from where it is', async () => {
  const [one, other] = [keeper('one'), keeper('other')];
  other.kept.push(...all.slice(0, 12_345));
  const { events, faults } = await archivingRound(scan, [one.consumer, other.consumer], never);
  expect([events, faults]).toEqual([EVENTS, []]);
  expect(one.kept).toEqual(all);
  expect(other.kept).toEqual(all);
});

test('one that fails holds up no other, and is given the same again in the next round', async () => {
  let isBroken = true;
  const whole = keeper('whole');
  const broken = keeper('broken', () => isBroken && broken.kept.length === BATCH);
  const consumers = [broken.consumer, whole.consumer];
  const { faults } = await archivingRound(scan, consumers, never);
  expect(faults).toMatchObject([{ consumer: 'broken', error: { message: 'broken is broken' } }]);
  expect(whole.kept).toEqual(all);
  expect(broken.kept).toEqual(all.slice(0, BATCH));
  isBroken = false;
  expect((await archivingRound(scan, consumers, never)).faults).toEqual([]);
  expect(broken.kept).toEqual(all);
});

test('the rest of the log is not read again for one that goes on failing while the others have everything', async () => {
  const whole = keeper('whole');
  whole.kept.push(...all);
  const broken = keeper('broken', () => true);
  const { events } = await archivingRound(scan, [broken.consumer, whole.consumer], never);
  expect(events).toBe(BATCH);
});

test('one whose place cannot be read is told of, and the others go on', async () => {
  const lost = { ...keeper('lost').consumer, position: () => Promise.reject(new Error('gone')) };
  const whole = keeper('whole');
  const { faults } = await archivingRound(scan, [lost, whole.consumer], never);
  expect(faults).toMatchObject([{ consumer: 'lost', error: { message: 'gone' } }]);
  expect(whole.kept).toEqual(all);
});

test('a log that cannot be read is a fault of nobody, and what was given is kept', async () => {
  const whole = keeper('whole');
  const cut = async function* () {
    yield* scan({ after: 'start', upTo: BigInt(BATCH - 1) }, never);
    throw new Error('the log is away');
  };
  const { faults } = await archivingRound(cut, [whole.consumer], never);
  expect(faults).toMatchObject([{ consumer: 'all', error: { message: 'the log is away' } }]);
  expect(whole.kept).toEqual(all.slice(0, BATCH));
});
