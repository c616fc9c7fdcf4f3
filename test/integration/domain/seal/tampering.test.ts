import { jsonEvent } from '@eventstore/db-client';
import { sealData } from '../../../../domain/seal/seal';
import { eventStoreSeals } from '../../../../infra/eventstore/seals';
import { keyRing, logSealKey, newLogSealKey } from '../../../../infra/log-seal-keys';
import { sealText } from '../../../../domain/seal/seal';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { openSealedLog, storedRows, type SealedLog } from '../../../support/sealed-log';
import { plainStreams } from '../../../support/names';

const STREAMS = 30;
const EVENTS_PER_STREAM = 10;
const EVENTS = STREAMS * EVENTS_PER_STREAM;
/** In the table the log begins with an event of the server's own. */
const FIRST = 2;
const LAST = EVENTS + 1;
const blocks = { blockEvents: 100 };
/** The last event that block 2 covers in each log: see `fill`. */
const IN_BLOCK_2 = 170;

let template: TestDatabase;
const opened: (() => Promise<void>)[] = [];

const event = (n: number) =>
  jsonEvent({ type: 'JobScheduled', data: { n }, metadata: { at: '2026-11-23T10:00:00.000Z' } });

/** 300 events in three blocks, a seal after them all, then 5 more that no seal covers. */
const fill = async ({ client, seal }: SealedLog): Promise<void> => {
  for (let round = 0; round < EVENTS_PER_STREAM; round += 1)
    await Promise.all(
      Array.from({ length: STREAMS }, (_, n) =>
        client.appendToStream(`job-${n}`, event(n * EVENTS_PER_STREAM + round)),
      ),
    );
  await seal();
  for (let n = 0; n < 5; n += 1) await client.appendToStream('job-late', event(n));
};

/** A log as `fill` left it, but for what was done to its table. */
const openCopy = async (...statements: readonly string[]): Promise<SealedLog> => {
  const database = await createDatabase(new URL(template.url).pathname.slice(1));
  for (const statement of statements) await storedRows(database.url, statement);
  const log = await openSealedLog(database.url, blocks);
  opened.push(async () => {
    await log.close();
    await database.drop();
  });
  return log;
};

beforeAll(async () => {
  template = await createDatabase();
  const log = await openSealedLog(template.url, blocks);
  await fill(log);
  await log.close();
});
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});
afterAll(async () => {
  await template.drop();
});

const positionOf = (sequence: number): bigint => BigInt(sequence) * 128n;

test('a log that nobody has touched is whole, and what came after the last seal is told and no fault', async () => {
  const log = await openCopy();
  const { violations, summary } = await log.verify();
  expect(violations).toEqual([]);
  expect(summary).toMatchObject({ blocks: 3, sealedEvents: EVENTS, notSealedYet: 5, uncovered: 0 });
  expect(summary.head).toMatch(/^[0-9a-f]{64}$/);
});

const here = `where sequence = ${IN_BLOCK_2}`;
const swap = (a: number, b: number): string =>
  `update events set sequence = -1 where sequence = ${a};
   update events set sequence = ${a} where sequence = ${b};
   update events set sequence = ${b} where sequence = -1`;

test.each<[string, string, string, number]>([
  [
    'changed data',
    `update events set data = convert_to('{"n":0}', 'UTF8') ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'changed metadata',
    `update events set metadata = convert_to('{"at":"2026-11-23T10:00:00.001Z"}', 'UTF8') ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'data with other spaces and the same meaning',
    `update events set data = convert_to(replace(convert_from(data, 'UTF8'), ':', ': '), 'UTF8') ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'changed type',
    `update events set type = 'JobCancelled' ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'changed content type',
    `update events set is_json = false ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'changed event id',
    `update events set event_id = gen_random_uuid() ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'changed created time',
    `update events set created_ms = created_ms + 1 ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  [
    'another stream',
    `update events set stream = 'job-other', revision = 0 ${here}`,
    'seal-event-changed',
    IN_BLOCK_2,
  ],
  ['another revision', `update events set revision = 77 ${here}`, 'seal-event-changed', IN_BLOCK_2],
  ['a deleted row', `delete from events ${here}`, 'seal-event-removed', IN_BLOCK_2],
  [
    'two rows that follow each other swapped',
    swap(IN_BLOCK_2, IN_BLOCK_2 + 1),
    'seal-event-reordered',
    IN_BLOCK_2,
  ],
  [
    'two rows far from each other swapped',
    swap(IN_BLOCK_2, IN_BLOCK_2 + 20),
    'seal-event-reordered',
    IN_BLOCK_2,
  ],
  [
    'the first event of all deleted',
    `delete from events where sequence = ${FIRST}`,
    'seal-event-removed',
    FIRST,
  ],
  [
    'the last event of the last block deleted',
    `delete from events where sequence = ${LAST}`,
    'seal-event-removed',
    LAST,
  ],
  [
    'all events of the last block deleted and its seal left',
    `delete from events where sequence between 202 and ${LAST}`,
    'seal-event-removed',
    202,
  ],
])('%s is found and named', async (_kind, statement, rule, sequence) => {
  const log = await openCopy(statement);
  const { violations } = await log.verify();
  expect(violations.map((violation) => violation.rule)).toEqual([rule]);
  const [violation] = violations;
  expect(violation?.message).toContain(` ${positionOf(sequence)}`);
  // of a removed event its neighbours are told, of a moved one where it stands now
  if (rule === 'seal-event-changed')
    expect(violation?.events).toMatchObject([{ position: positionOf(sequence) }]);
});

test('a row that is added where another was, in the place of a system event, is found and named', async () => {
  const log = await openCopy();
  await log.client.setStreamMetadata('job-x', { maxCount: 10 });
  await log.client.appendToStream('job-x', event(1));
  await log.seal();
  const [hole] = await log.rows<{ sequence: string }>(
    `select sequence from events where stream = '$$job-x'`,
  );
  await log.tamper(
    `delete from events where stream = '$$job-x'`,
    `insert into events select ${hole?.sequence}, 99, created_ms, gen_random_uuid(), true, 'job-0', 'JobCancelled', data, metadata
       from events ${here}`,
  );
  const { violations } = await log.verify();
  expect(violations).toMatchObject([
    {
      rule: 'seal-event-added',
      events: [{ stream: 'job-0', revision: 99n, position: positionOf(Number(hole?.sequence)) }],
    },
  ]);
});

test('one violation a block, each naming the first of its differences', async () => {
  const log = await openCopy(
    `update events set type = 'JobCancelled' where sequence in (50, 51, ${IN_BLOCK_2})`,
  );
  const { violations } = await log.verify();
  expect(violations).toMatchObject([
    { subject: 'block 1', events: [{ position: positionOf(50) }] },
    { subject: 'block 2', events: [{ position: positionOf(IN_BLOCK_2) }] },
  ]);
  expect(violations[0]?.message).toContain('the first of 2 differences');
});

describe('seals', () => {
  const sealRow = (revision: number): string => `where stream = 'seals' and revision = ${revision}`;

  test('a changed seal is not what its key has signed', async () => {
    const log = await openCopy(
      `update events set data = convert_to(replace(convert_from(data, 'UTF8'), '"events":100', '"events":99'), 'UTF8') ${sealRow(1)}`,
    );
    const { violations } = await log.verify();
    expect(violations).toMatchObject([
      { rule: 'seal-altered', subject: 'block 2', events: [{ stream: 'seals', revision: 1n }] },
    ]);
  });

  test('a seal that is no seal any more is named', async () => {
    const log = await openCopy(`update events set data = convert_to('{}', 'UTF8') ${sealRow(2)}`);
    const { violations } = await log.verify();
    expect(violations).toMatchObject([{ rule: 'seal-altered', subject: 'block 3' }]);
  });

  test.each([0, 1])('a deleted seal is missing: block %i + 1', async (revision) => {
    const log = await openCopy(`delete from events ${sealRow(revision)}`);
    const { violations } = await log.verify();
    expect(violations[0]).toMatchObject({
      rule: 'seal-missing',
      message: expect.stringContaining(`block ${revision + 1} should be here`) as string,
    });
  });

  test('a block that was changed and sealed again with another key is found by the key', async () => {
    const log = await openCopy();
    const { seals } = await eventStoreSeals(log.client, plainStreams).all();
    const last = seals.at(-1)?.seal;
    if (!last) throw new Error('there is no seal');
    const other = logSealKey(newLogSealKey());
    const forged = { ...last, keyId: other.keyId };
    const data = sealData({ ...forged, signature: other.sign(sealText(forged)) });
    await log.tamper(
      `update events set data = convert_to('${JSON.stringify(data)}', 'UTF8') ${sealRow(2)}`,
    );
    const { violations } = await log.verify();
    expect(violations).toMatchObject([
      {
        rule: 'seal-unknown-key',
        subject: 'block 3',
        message: expect.stringContaining(other.keyId) as string,
      },
    ]);
    const rotated = keyRing([log.key.publicPem, other.publicPem]);
    expect((await log.verify({ keys: rotated })).violations).toEqual([]);
  });

  test('seals that were hidden by deleting their stream are in the log all the same', async () => {
    const log = await openCopy();
    await log.client.deleteStream('seals');
    await log.tamper();
    const { violations } = await log.verify();
    expect(violations).toMatchObject([{ rule: 'seal-hidden', events: [{ stream: 'seals' }] }]);
  });

  test('an end that was cut off with its seals shows only against a seal that was kept elsewhere', async () => {
    const log = await openCopy();
    const { summary } = await log.verify();
    await log.tamper(
      `delete from events where sequence >= 202 and sequence <= ${LAST}`,
      `delete from events where sequence > ${LAST + 2}`,
    );
    expect((await log.verify()).violations).toEqual([]);
    const { violations } = await log.verify({ lastSeal: summary.head ?? '' });
    expect(violations).toMatchObject([{ rule: 'seal-head-lost', subject: summary.head }]);
  });
});
