import { forecastStepMs } from '../../../../domain/forecast';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { trimLateness } from '../../../../projections/jobs/lateness';
import { lateness, type LatenessQuery } from '../../../../projections/queries/lateness';
import { readModel } from '../../../../projections/projections';
import type { WriteSession } from '../../../../projections/writing/write-session';
import type { RecordedEvent } from '../../../../domain/event-log';
import { drawAt } from '../../../../domain/simulation/draw';
import { recorded, testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled, started } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

/** Due so long after EPOCH, of whom, and how late it started. */
type Run = readonly [dueMs: number, ownerId: string, lateMs: number];

const MINUTE_MS = forecastStepMs.minute;
const HOUR_MS = forecastStepMs.hour;
const DAY_MS = forecastStepMs.day;

let model: TestReadModel;
let session: WriteSession;

beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
});

const eventsOf = (runs: readonly Run[]): readonly RecordedEvent[] =>
  runs.flatMap(([dueMs, ownerId, lateMs], n) => {
    const dueAt = EPOCH + dueMs;
    const events = [scheduled({ ownerId }, dueAt), dispatched(1, dueAt), started()];
    return events.map((event, revision) =>
      recorded(
        testJobId(n),
        BigInt(revision),
        BigInt(n * 10 + revision),
        event,
        revision === 2 ? dueAt + lateMs : dueAt,
      ),
    );
  });

const project = async (runs: readonly Run[]): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const events = eventsOf(runs);
  await writer.apply(events, events.at(-1)?.position ?? 0n);
};

const hour: LatenessQuery = { step: 'minute', from: EPOCH, to: EPOCH + HOUR_MS };
const told = async (changes: Partial<LatenessQuery> = {}) =>
  (await lateness(model.db)({ ...hour, ...changes })).map(({ at, starts, p50Ms, maxMs }) => [
    at - EPOCH,
    starts,
    p50Ms,
    maxMs,
  ]);

describe('lateness', () => {
  beforeEach(async () => {
    await project([
      [0, 'ada', 5],
      [59_999, 'ada', 7],
      [59_999, 'ada', 9],
      [MINUTE_MS, 'bob', 3],
      [HOUR_MS, 'ada', 1],
      [2 * DAY_MS, 'ada', 90_000],
    ]);
  });

  test.each([
    [
      {},
      [
        [0, 3, 7, 9],
        [MINUTE_MS, 1, 3, 3],
      ],
      'by the minute that jobs were due in, empty ones left out, the end not included',
    ],
    [{ from: EPOCH + MINUTE_MS }, [[MINUTE_MS, 1, 3, 3]], 'the beginning is included'],
    [{ ownerId: 'bob' }, [[MINUTE_MS, 1, 3, 3]], 'of one owner'],
    [{ ownerId: '*' }, [], 'an owner called as everybody is in the table is not everybody'],
    [{ ownerId: 'eve' }, [], 'of a stranger'],
    [
      { step: 'hour', to: EPOCH + 2 * HOUR_MS },
      [
        [0, 4, 5, 9],
        [HOUR_MS, 1, 1, 1],
      ],
      'by hour',
    ],
    [
      { step: 'day', from: EPOCH - 12 * HOUR_MS, to: EPOCH + 3 * DAY_MS },
      [
        [-12 * HOUR_MS, 5, 5, 9],
        [1.5 * DAY_MS, 1, 86_016, 90_000],
      ],
      'by day, of hours added up',
    ],
  ] as const)('%j gives %j: %s', async (changes, expected, _why) => {
    expect(await told(changes)).toEqual(expected);
  });
});

test('percentiles are within a sixteenth of those of all starts sorted, over six powers of ten', async () => {
  const lateMs = Array.from({ length: 1_000 }, (_, n) => Math.floor(10 ** (6 * drawAt(7, n))));
  await project(lateMs.map((late, n) => [n % 60_000, 'ada', late]));
  const [bucket] = await lateness(model.db)(hour);
  const sorted = lateMs.toSorted((a, b) => a - b);
  for (const [percent, ms] of [
    [50, bucket?.p50Ms],
    [90, bucket?.p90Ms],
    [99, bucket?.p99Ms],
  ] as const) {
    const exact = sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
    expect(Math.abs((ms ?? NaN) - exact)).toBeLessThanOrEqual(exact / 16);
  }
  expect(bucket).toMatchObject({ at: EPOCH, starts: 1_000, maxMs: sorted.at(-1) });
});

test('an early start, by a clock that is off, was not late', async () => {
  await project([[0, 'ada', -4_000]]);
  expect(await told()).toEqual([[0, 1, 0, 0]]);
});

test('what was due longer ago than it is kept goes, the oldest first and some at a time', async () => {
  const row = (age: string, whose: string, minutes = 1) =>
    model.db.raw(`insert into lateness values (?, now() - ?::interval, ?, 3, 1, 3)`, [
      ...[minutes, age, whose],
    ]);
  await row('29 days 23 hours', '=new');
  await row('31 days', '=old');
  await row('40 days', '=oldest');
  await row('31 days', '*', 60);
  const left = () => model.db('lateness').orderBy('whose').pluck('whose');
  expect(await trimLateness(session, undefined, 1)).toBe(true);
  expect(await left()).toEqual(['*', '=new', '=old']);
  expect(await trimLateness(session)).toBe(false);
  expect(await left()).toEqual(['=new']);
});
