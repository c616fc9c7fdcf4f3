import type { RecordedEvent } from '../../../core/events';
import { timedTests } from '../../../core/timed-regex';
import { selector } from '../../../handlers/filter';
import { CallError } from '../../../wire/call-error';
import type { Filter } from '../../../wire/requests';

const event = (sequence: number, stream: string, type: string): RecordedEvent => ({
  sequence,
  stream,
  revision: 0,
  id: Buffer.alloc(16),
  type,
  isJson: true,
  createdMs: 0,
  data: Buffer.alloc(0),
  metadata: Buffer.alloc(0),
});

const filter = (given: Partial<Filter>): Filter => ({
  on: 'stream',
  prefixes: [],
  regex: undefined,
  checkpointEvery: 32,
  ...given,
});

const timedTest = timedTests();
const select = (given: Partial<Filter>) => {
  const selectPage = selector(filter(given), timedTest, false);
  return (page: readonly RecordedEvent[]) => selectPage(page, false);
};

test.each`
  given                                | stream     | type    | matches  | why
  ${{ prefixes: ['job-'] }}            | ${'job-1'} | ${'T'}  | ${true}  | ${'the name begins so'}
  ${{ prefixes: ['x-', 'job-'] }}      | ${'job-1'} | ${'T'}  | ${true}  | ${'any prefix will do'}
  ${{ prefixes: ['job-'] }}            | ${'ajob-'} | ${'T'}  | ${false} | ${'a prefix is at the start'}
  ${{ on: 'type', prefixes: ['Job'] }} | ${'Job'}   | ${'X'}  | ${false} | ${'only the type counts'}
  ${{ on: 'type', regex: '^[^$].*' }}  | ${'s'}     | ${'$m'} | ${false} | ${'the client excludes system events so'}
  ${{ on: 'type', regex: '^[^$].*' }}  | ${'s'}     | ${'m'}  | ${true}  | ${'the client excludes system events so'}
`('$given on $stream/$type: $why', ({ given, stream, type, matches }) => {
  const selected = select(given as Partial<Filter>)([event(1, stream as string, type as string)]);
  expect(selected.flatMap(({ events }) => events)).toHaveLength(matches ? 1 : 0);
});

test('a regular expression that does not compile is the caller’s mistake', () => {
  expect(() => select({ regex: '(' })).toThrow(CallError);
});

test('a checkpoint follows each window of scanned events, whether they matched or not, across batches', () => {
  const selectPage = select({ prefixes: ['a'], checkpointEvery: 3 });
  const page = (...events: readonly RecordedEvent[]) =>
    selectPage(events).map(({ events: picked, checkpoint }) => ({
      picked: picked.map(({ sequence }) => sequence),
      checkpoint: checkpoint?.sequence,
    }));
  expect(page(event(1, 'b', 't'), event(2, 'a', 't'))).toEqual([{ picked: [2] }]);
  expect(page(event(3, 'b', 't'), event(4, 'a', 't'))).toEqual([
    { picked: [], checkpoint: 3 },
    { picked: [4] },
  ]);
});

test('like a real server, a checkpoint while catching up is at the last match of its page, or before the page', () => {
  const selectPage = selector(filter({ prefixes: ['a'], checkpointEvery: 2 }), timedTest, true);
  const page = (isLive: boolean, from: number, ...streams: readonly string[]) =>
    selectPage(
      streams.map((stream, i) => event(from + i, stream, 't')),
      isLive,
    ).flatMap(({ checkpoint }) => checkpoint ?? []);
  expect(page(false, 1, 'b', 'b')).toEqual([{ sequence: 1, isBefore: true }]);
  expect(page(false, 3, 'a', 'b', 'b', 'b')).toEqual([
    { sequence: 3, isBefore: false },
    { sequence: 3, isBefore: false },
  ]);
  expect(page(true, 7, 'b', 'b')).toEqual([{ sequence: 8, isBefore: false }]);
});

test('an expression that backtracks for ever ends its subscription, within a bounded time', () => {
  const selectPage = select({ on: 'type', regex: '^(a+)+$' });
  expect(selectPage([event(1, 's', 'aaa')])).toHaveLength(1);
  const evil = event(2, 's', `${'a'.repeat(100)}!`);
  expect(() => selectPage([evil])).toThrow('takes too long');
  expect(selectPage([event(3, 's', 'aaaa')])).toHaveLength(1);
});

test('each name is judged once while it is remembered, and pages are judged in one go', () => {
  const asked: string[][] = [];
  const counting = selector(
    filter({ on: 'type', regex: '^A' }),
    (expression, texts) => {
      asked.push([...texts]);
      return timedTest(expression, texts);
    },
    false,
  );
  const events = ['A', 'B', 'A', 'B', 'AB'].map((type, i) => event(i + 1, 's', type));
  expect(counting(events, false).flatMap(({ events: all }) => all.map((e) => e.sequence))).toEqual([
    1, 3, 5,
  ]);
  counting([event(6, 's', 'A'), event(7, 's', 'C')], false);
  expect(asked).toEqual([['A', 'B', 'AB'], ['C']]);
});
