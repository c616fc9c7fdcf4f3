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

/** A part that is rebuilt as it is written, of which all that a combination merges has its name. */
const byPlan = (name: string): Projection => ({
  ...named(name),
  tables: { [name]: { key: ['id'], bucket: '0' } },
  migrations: [{ name, up: () => Promise.resolve() }],
  plan: (events) => ({
    statements: events.map(({ stream, data }) => ({
      text: `${name} takes ${stream}`,
      values: [data],
    })),
    partitions: [`${name}_2026_11`],
    notice: { [name]: events.length },
  }),
  trims: [() => Promise.resolve(name === 'one')],
  noticeOfAll: () => Promise.resolve({ [name]: 0 }),
  rebuild: 'by-plan',
});

test('what the parts have, all have: tables, migrations, trims, partitions and notices', async () => {
  const parts = [byPlan('one'), byPlan('two')];
  const both = combined('both', parts);
  expect(both.name).toBe('both');
  expect(Object.keys(both.tables)).toEqual(['one', 'two']);
  expect(both.migrations.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(both.trims).toEqual(parts.flatMap(({ trims }) => trims));
  expect(both.isMine('two-1')).toBe(true);
  expect(both.plan([])).toEqual({
    ...{ statements: [], partitions: ['one_2026_11', 'two_2026_11'], notice: { one: 0, two: 0 } },
  });
  expect(await both.noticeOfAll(undefined as never)).toEqual({ one: 0, two: 0 });
});

test('streams that are brought back are told to the part whose they are, if it wants to know', () => {
  const told: (readonly string[])[] = [];
  const asks: Projection = {
    ...named('one'),
    broughtBack: (streams) => {
      told.push(streams);
      return streams.map((stream) => ({ text: stream }));
    },
  };
  const { broughtBack } = combined('both', [asks, named('two')]);
  expect(broughtBack?.(['one-1', 'two-1', 'shared-1'])).toEqual([
    { text: 'one-1' },
    { text: 'shared-1' },
  ]);
  expect(told).toEqual([['one-1', 'shared-1']]);
});

test('a part alone has all events as they come, for who asks for them asks for its streams', () => {
  const { plan } = combined('alone', [byPlan('one')]);
  const event = { ...stored('one-1'), data: {}, metadata: {} };
  expect(plan([event, { ...event, stream: 'two-1' }]).statements).toHaveLength(2);
});

test('a part that is rebuilt as it is written takes events of its own, and no end of a deleted stream', async () => {
  const rebuild = combined('both', [byPlan('one'), byPlan('two')]).rebuild(0);
  expect(rebuild.keyless).toEqual([]);
  const batch = rebuild.fold();
  const event = { ...stored('one-1'), data: Buffer.from('{"a":1}') };
  expect(batch.add(event)).toBe(true);
  expect(batch.add({ ...event, type: '$streamDeleted' })).toBe(false);
  expect(batch.add({ ...event, stream: 'three-1' })).toBe(false);
  expect(batch.plan().statements).toEqual([{ text: 'one takes one-1', values: [{ a: 1 }] }]);
  const recorded = { ...event, data: { a: 1 }, metadata: {} };
  expect(rebuild.plan([recorded]).statements).toEqual(batch.plan().statements);
  await rebuild.finish(undefined as never);
});

test('a rebuild tells which tables need no key, when it is for, and ends each part in its turn', async () => {
  const ended: string[] = [];
  const rebuilt = (name: string): Projection => ({
    ...named(name),
    rebuild: (now) => ({
      keyless: [`${name}-${now}`],
      plan: () => NOTHING,
      fold: () => ({ add: () => false, plan: () => NOTHING }),
      finish: () => {
        ended.push(name);
        return Promise.resolve();
      },
    }),
  });
  const rebuild = combined('both', [rebuilt('one'), rebuilt('two')]).rebuild(7);
  expect(rebuild.keyless).toEqual(['one-7', 'two-7']);
  expect(rebuild.fold().add(stored('one-1'))).toBe(false);
  await rebuild.finish(undefined as never);
  expect(ended).toEqual(['one', 'two']);
});

test('of several that cannot be read, the first is told', () => {
  let count = 0;
  const broken = named('two', () => {
    throw new Error(`event ${(count += 1)}`);
  });
  const batch = combined('both', [named('one'), broken])
    .rebuild(0)
    .fold();
  batch.add(stored('shared-1'));
  batch.add(stored('shared-2'));
  expect(() => batch.plan()).toThrow('event 1');
});

test('the notice of several batches has the lowest of each value', () => {
  const notices = [{ position: 7n, at: 3 }, NO_NOTICE, { position: 5n, at: 9 }, { other: 1 }];
  expect(mergedNotice(notices)).toEqual({ position: 5n, at: 3, other: 1 });
});

test('migrations have numbers of their own and run in their order, whichever folder they are in', () => {
  const numbers = migrations.map(({ name }) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
