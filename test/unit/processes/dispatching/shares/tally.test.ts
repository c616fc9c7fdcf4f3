import { tally, type Count, type Tally } from '../../../../../processes/dispatching/shares/tally';
import { manualTimers, type ManualTimers } from '../../../../support/manual-timers';
import { silentLogger } from '../../../../support/processes';
import { until } from '../../../../support/until';

let timers: ManualTimers;
let readModel: Count;
let asked: (readonly string[])[];
let counts: Tally;
let isForAll: boolean;
let fault: Error | undefined;
let stop: () => Promise<void>;

beforeEach(() => {
  timers = manualTimers(10_000);
  readModel = { position: -1n, jobs: new Map() };
  asked = [];
  isForAll = false;
  fault = undefined;
  counts = tally({
    count: (keys) => {
      asked.push(keys);
      return fault ? Promise.reject(fault) : Promise.resolve(readModel);
    },
    isForAll: () => isForAll,
    maxRestMs: 60,
    timers,
    logger: silentLogger,
    onCount: () => undefined,
  });
  const controller = new AbortController();
  const ended = counts.run(controller.signal);
  stop = async () => {
    controller.abort();
    await ended;
  };
});
afterEach(() => stop());

const counted = async (): Promise<void> => {
  timers.advance(300);
  const before = asked.length;
  await until(() => asked.length > before);
  await Promise.resolve();
};

test('what the read model has not seen yet is remembered, and what it has seen is not counted twice', async () => {
  const [first, second] = [counts.begin(['ada']), counts.begin(['ada'])];
  first.dispatched(5n);
  second.dispatched(9n);
  expect(counts.of('ada')).toEqual({ counted: 0, begun: 2 });
  readModel = { position: 5n, jobs: new Map([['ada', 1]]) };
  await counted();
  await until(() => counts.of('ada').counted === 1);
  expect(counts.of('ada')).toEqual({ counted: 1, begun: 1 });
});

test('a dispatch that came to nothing is taken back, once', () => {
  counts.begin(['ada', 'mail']);
  const other = counts.begin(['ada', 'mail']);
  other.giveBack();
  other.giveBack();
  expect(counts.of('ada')).toEqual({ counted: 0, begun: 1 });
  expect(counts.of('mail')).toEqual({ counted: 0, begun: 1 });
});

test('a key is counted until there is nothing of it, and then not asked about again', async () => {
  counts.begin(['ada']).dispatched(5n);
  readModel = { position: 5n, jobs: new Map() };
  await counted();
  await until(() => counts.of('ada').begun === 0);
  counts.begin(['bob']).dispatched(6n);
  await counted();
  expect(asked.at(-1)).toEqual(['bob']);
});

test('a key that somebody waits for is counted before the others', async () => {
  counts.begin(['ada']);
  counts.begin(['bob']);
  await counted();
  counts.hurry('bob');
  await until(() => asked.length > 1);
  expect(asked.at(-1)).toEqual(['bob']);
});

test('what others began is known once all is counted, and unknown before and when nobody asks for it', async () => {
  expect(counts.knowsAll()).toBe(false);
  isForAll = true;
  readModel = { position: 3n, jobs: new Map([['ada', 7]]) };
  await counted();
  await until(() => counts.knowsAll());
  expect(counts.of('ada')).toEqual({ counted: 7, begun: 0 });
  isForAll = false;
  timers.advance(300);
  await until(() => !counts.knowsAll());
});

test.each`
  why                                 | breakIt
  ${'the read model stands still'}    | ${() => (readModel = { position: 1n, jobs: new Map() })}
  ${'the database cannot be reached'} | ${() => (fault = new Error('away'))}
`(
  'the count is blind when $why, until it goes on',
  async ({ breakIt }: { breakIt: () => void }) => {
    counts.begin(['ada']).dispatched(5n);
    breakIt();
    timers.advance(2_500);
    await until(() => counts.isBlind());
    fault = undefined;
    readModel = { position: 5n, jobs: new Map() };
    timers.advance(300);
    await until(() => !counts.isBlind());
  },
);
