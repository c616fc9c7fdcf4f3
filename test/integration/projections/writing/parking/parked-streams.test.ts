import type { RecordedEvent } from '../../../../../domain/event-log';
import { jobStream } from '../../../../../domain/ids';
import type { JobEvent } from '../../../../../domain/job/events';
import { announceProjected } from '../../../../../projections/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import { jobsProjection } from '../../../../../projections/registry';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../../support/job-histories';
import { dispatched, scheduled } from '../../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

let model: TestReadModel;
let session: WriteSession;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  session = await model.openSession();
});
afterEach(async () => {
  await session.close();
});

/** Counts how often the program waits for the database: sends that overlap are one wait. */
const counting = (inner: WriteSession) => {
  let underWay = 0;
  let waits = 0;
  const counted: WriteSession = {
    ...inner,
    send: async (statements) => {
      if (underWay++ === 0) waits += 1;
      try {
        return await inner.send(statements);
      } finally {
        underWay -= 1;
      }
    },
  };
  return { session: counted, waits: () => waits };
};

const unknown = { type: 'JobPaused', data: {} } as unknown as JobEvent; // as a newer build would write it

const BATCH = 1_000;

/** A batch in which every second event is the first of a bad stream, and the others are good jobs. */
const mixed = (bad: JobEvent, revision: bigint): readonly RecordedEvent[] =>
  Array.from({ length: BATCH }, (_, n) => {
    const isBad = n % 2 === 1;
    const event = isBad ? bad : scheduled();
    return recorded(testJobId(n), isBad ? revision : 0n, BigInt(n), event);
  });

test.each([
  ['that no build can read', unknown, 0n, 25],
  ['whose beginning is missing', dispatched(), 1n, 25],
  ['that only the database refuses', scheduled({ timeoutMs: 2 ** 70 }), 0n, 1_000],
] as const)(
  'five hundred new streams %s are parked in few waits, and the good ones between them are applied in the same batch',
  async (_what, bad, revision, most) => {
    const { session: counted, waits } = counting(session);
    const writer = await projectionWriter(counted, jobsProjection, announceProjected);
    await writer.apply([recorded(testJobId(5_000), 0n, 0n, scheduled())], 0n); // its partition is there
    await model.db('checkpoint').update({ position: '-1' });
    const anew = await projectionWriter(counted, jobsProjection, announceProjected);
    const before = waits();
    await anew.apply(mixed(bad, revision), BigInt(BATCH));
    expect(anew.parkedCount()).toBe(BATCH / 2);
    const jobs = await model.db('jobs').whereNot('job_id', testJobId(5_000)).count();
    expect(jobs).toEqual([{ count: String(BATCH / 2) }]);
    expect(waits() - before).toBeLessThan(most);
    expect(await model.db('parked_streams').where('stream', jobStream(testJobId(1)))).toMatchObject(
      [{ revision: String(revision), position: '1' }],
    );
  },
);
