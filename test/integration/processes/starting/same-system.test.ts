import { systemOf } from '../../../../commands/found-system';
import { jobStream } from '../../../../domain/ids';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { ServerUnfit } from '../../../../infra/server-check';
import { sameSystem } from '../../../../processes/starting/same-system';
import { announceNothing } from '../../../../projections/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { originStore } from '../../../../projections/audit/read-model-origin';
import { jobsProjection } from '../../../../projections/registry';
import { scheduled, t } from '../../../support/jobs';
import { newEvent } from '../../../support/new-event';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
});

type TestLog = ReturnType<typeof memoryEventLog>;

const logWithJobs = async (count: number): Promise<TestLog> => {
  const made = memoryEventLog();
  for (let i = 0; i < count; i++)
    await made.log.append(jobStream(uuids.next()), [newEvent(scheduled().data)], 'no-stream');
  return made;
};

const start = ({ log, eventAt }: TestLog): Promise<string> =>
  sameSystem(
    {
      ...{ log, eventAt, clock: { now: () => t(0) }, ids: uuids, origin: originStore(model.db) },
      eventstoreUrl: 'esdb://admin:changeit@log.example:2113',
      postgresUrl: 'postgres://app:secret@db.example/punctual',
    },
    new AbortController().signal,
  );

const project = async ({ scan }: TestLog): Promise<void> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, jobsProjection, announceNothing);
  for await (const batch of scan({ after: 'start' }, new AbortController().signal)) {
    const events = batch.map((stored) => ({
      ...stored,
      data: JSON.parse(Buffer.from(stored.data).toString()) as unknown,
      metadata: JSON.parse(Buffer.from(stored.metadata).toString()) as unknown,
    }));
    await writer.apply(events, events.at(-1)?.position ?? 0n);
  }
  await session.close();
};

/** As a build without identities leaves it. */
const forgetIdentity = () =>
  model.db.raw(
    'delete from system; update checkpoint set prepare = null, event_id = null, event_position = null',
  );

test('programs that start at once on empty servers name one system, in the log and in the read model', async () => {
  const log = memoryEventLog();
  const ids = await Promise.all(Array.from({ length: 8 }, () => start(log)));
  expect(new Set(ids).size).toBe(1);
  expect(await systemOf(log.log)).toBe(ids[0]);
  expect(await originStore(model.db).look()).toEqual({ systemId: ids[0], checkpoint: undefined });
  expect(await start(log)).toBe(ids[0]);
});

test('a program that starts while another one names the servers is not told that they are of two systems', async () => {
  const made = memoryEventLog();
  let isOtherDone = false;
  const slow: TestLog = {
    ...made,
    log: {
      ...made.log,
      read: async (stream) => {
        const events = await made.log.read(stream);
        if (!isOtherDone) {
          isOtherDone = true;
          await start(made); // between a look at the log and all that comes after it
        }
        return events;
      },
    },
  };
  expect(await start(slow)).toBe(await systemOf(made.log));
});

test('an empty read model beside a log with jobs is filled from it: it takes the name of the log', async () => {
  const log = await logWithJobs(3);
  const systemId = await start(log);
  await model.clear();
  expect(await start(log)).toBe(systemId);
  expect(await originStore(model.db).look()).toMatchObject({ systemId });
});

test('a new log beside the read model of another is refused, and gets no name, so that no job is lost in it', async () => {
  const log = await logWithJobs(3);
  const systemId = await start(log);
  await project(log);
  const other = memoryEventLog();
  const refusal = start(other);
  await expect(refusal).rejects.toThrow(ServerUnfit);
  await expect(refusal).rejects.toThrow(
    new RegExp(
      `^POSTGRES_URL \\(postgres://app@db.example/punctual\\): .* beside the log esdb://admin@log.example:2113, found a read model of the system ${systemId}, while the log names none`,
    ),
  );
  expect(await systemOf(other.log)).toBeUndefined();
});

test('two systems on one read model: the second is refused by both names', async () => {
  const [first, second] = [await logWithJobs(1), await logWithJobs(2)];
  const [one] = [await start(first)];
  await forgetIdentity();
  const two = await start(second);
  const refused = start(first);
  await expect(refused).rejects.toThrow(
    `a read model of the system ${two}, while the log is of the system ${one}`,
  );
});

test('two systems that come to one empty read model at once: one has it, the other is refused', async () => {
  const answers = await Promise.allSettled([
    start(memoryEventLog()),
    start(memoryEventLog()),
    start(memoryEventLog()),
  ]);
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const one of refused) expect('reason' in one && one.reason).toBeInstanceOf(ServerUnfit);
});

describe('servers that a build without identities has used', () => {
  test('are taken over when the log has the newest event that the read model tells of', async () => {
    const log = await logWithJobs(4);
    await project(log);
    await forgetIdentity();
    const systemId = await start(log);
    expect(await originStore(model.db).look()).toMatchObject({ systemId });
  });

  test.each`
    jobs | why
    ${0} | ${'a new log has none of the events'}
    ${9} | ${'another log has other events in the same places'}
  `('are refused when it has not: $why', async ({ jobs }: { jobs: number }) => {
    await project(await logWithJobs(4));
    await forgetIdentity();
    const other = await logWithJobs(jobs);
    await expect(start(other)).rejects.toThrow(
      /found a read model of an event at position 512 that the log does not have.* Run "punctual replay"/,
    );
    expect(await systemOf(other.log)).toBeUndefined();
  });
});

test('of its own system a read model that is ahead of a restored log is no reason not to start: a replay mends it', async () => {
  const log = await logWithJobs(4);
  const systemId = await start(log);
  await project(log);
  await model.db.raw('update checkpoint set position = 100000, event_position = 100000');
  expect(await start(log)).toBe(systemId);
});
