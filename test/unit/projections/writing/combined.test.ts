import { migrations } from '../../../../projections/migrations/migrations';
import type { Projection } from '../../../../projections/projection';
import type { StoredBytes } from '../../../../projections/reading/log-scan';
import { combined } from '../../../../projections/writing/combined';
import { mergedNotice, NO_NOTICE } from '../../../../projections/writing/notice';

const NOTHING = { statements: [], partitions: [], notice: NO_NOTICE };

/** Takes the events of streams that begin with its name, and those of `shared-…`. */
const named = (name: string, add: (event: StoredBytes) => void = () => undefined): Projection => ({
  name,
  ...{ tables: {}, migrations: [], prefixes: [`${name}-`, 'shared-'], trims: [] },
  isMine: (stream) => stream.startsWith(`${name}-`) || stream.startsWith('shared-'),
  plan: (events) => ({
    ...NOTHING,
    statements: events.map(({ stream }) => ({ text: `${name} takes ${stream}` })),
  }),
  noticeOfAll: () => Promise.resolve(NO_NOTICE),
  rebuild: () => ({
    keyless: [],
    plan: () => NOTHING,
    fold: () => ({
      add: (event) => {
        add(event);
        return true;
      },
      plan: () => NOTHING,
    }),
    finish: () => Promise.resolve(),
  }),
});

const stored = (stream: string): StoredBytes => ({
  ...{ id: 'a', stream, type: 'T', contentType: 'application/json', revision: 0n, position: 1n },
  ...{ createdTicks: 0n, data: new Uint8Array(), metadata: new Uint8Array() },
});

test('each part gets the events of its own streams, and an event of both goes to both', () => {
  const both = combined('both', [named('one'), named('two')]);
  const events = ['one-1', 'two-1', 'shared-1'].map((stream) => ({
    ...{ id: 'a', stream, type: 'T', data: {}, metadata: {}, revision: 0n, position: 1n },
  }));
  expect(both.plan(events).statements.map(({ text }) => text)).toEqual([
    ...['one takes one-1', 'one takes shared-1', 'two takes two-1', 'two takes shared-1'],
  ]);
  expect(both.prefixes).toEqual(['one-', 'shared-', 'two-']);
  expect(both.isMine('three-1')).toBe(false);
});

test('two parts with a table of the same name are refused, for each would write into the rows of the other', () => {
  const tables = { counts: { key: ['id'], bucket: '0' } };
  const parts = [named('one'), named('two')].map((part) => ({ ...part, tables }));
  expect(() => combined('both', parts)).toThrow('two has a table counts');
});

const refuses = (): never => {
  throw new RangeError('it cannot be read');
};

test('an event that no part has taken when one refuses it is not in the batch, which goes on', () => {
  const { fold } = combined('both', [named('one', refuses), named('two')]).rebuild(0);
  const batch = fold();
  expect(() => batch.add(stored('shared-1'))).toThrow(RangeError);
  expect(batch.plan()).toEqual(NOTHING);
});

test('an event that one part has taken and another refuses leaves a batch that must not be written', () => {
  const { fold } = combined('both', [named('one'), named('two', refuses)]).rebuild(0);
  const batch = fold();
  expect(batch.add(stored('shared-1'))).toBe(true);
  expect(() => batch.plan()).toThrow(RangeError);
});

test('the notice of several batches has the lowest of each value', () => {
  const notices = [{ position: 7n, at: 3 }, NO_NOTICE, { position: 5n, at: 9 }, { other: 1 }];
  expect(mergedNotice(notices)).toEqual({ position: 5n, at: 3, other: 1 });
});

test('migrations have numbers of their own and run in their order, whichever folder they are in', () => {
  const numbers = migrations.map(({ name }) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
