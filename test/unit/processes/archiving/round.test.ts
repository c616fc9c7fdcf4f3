import { memoryScan } from '../../../../infra/memory/log-scan';
import type { LogConsumer } from '../../../../processes/archiving/consumer';
import { archivingRound, type Looked } from '../../../../processes/archiving/round';
import type { After } from '../../../../projections/reading/log-place';
import type { LogScan } from '../../../../projections/reading/log-scan';

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

describe('a system that rests beside one that does not', () => {
  const its = { id: 'x', type: 'T', data: {}, metadata: {}, revision: 0n };
  /** Where scans began, of a log that ends with events of the other system, which a scan leaves out. */
  const shared = () => {
    const afters: After[] = [];
    const log = [{ ...its, stream: 'job-x', position: 0n }];
    let end = 1_000n;
    const scan: LogScan = async function* ({ after, ...range }, signal) {
      afters.push(after);
      yield* memoryScan(log)({ after, ...range, onEnd: () => undefined }, signal);
      range.onEnd?.({ position: end });
    };
    const goOn = (position: bigint) => void (end = position);
    return { afters, log, scan, goOn };
  };

  test('does not read again and again what the other has done', async () => {
    const { afters, scan, goOn } = shared();
    const { consumer } = keeper('one');
    let looked: Looked | undefined;
    for (const end of [1_000n, 2_000n, 3_000n, 4_000n]) {
      goOn(end);
      ({ looked } = await archivingRound(scan, [consumer], never, looked));
    }
    expect(afters).toEqual(['start', 0n, { position: 2_000n }, { position: 3_000n }]);
  });

  test('misses nothing of its own', async () => {
    const { log, scan } = shared();
    const { consumer, kept } = keeper('one');
    let looked: Looked | undefined;
    for (let n = 0; n < 5; n++) {
      ({ looked } = await archivingRound(scan, [consumer], never, looked));
      log.push({ ...its, stream: 'job-x', position: BigInt(2_000 + n) });
    }
    expect(kept).toEqual([0n, 2_000n, 2_001n, 2_002n, 2_003n]);
  });

  test('begins again from where the consumers are after a fault, and for one that has gone back', async () => {
    const { afters, scan } = shared();
    const one = keeper('one');
    const consumers = [one.consumer];
    const round = (looked?: Looked) => archivingRound(scan, consumers, never, looked);
    const { looked } = await round((await round()).looked);
    expect(looked).toBeDefined();
    one.kept.length = 0; // its store was emptied
    await round(looked);
    expect(afters.at(-1)).toBe('start');

    const cut: LogScan = () => {
      throw new Error('the log is away');
    };
    expect((await archivingRound(cut, consumers, never, looked)).looked).toBeUndefined();
  });
});
