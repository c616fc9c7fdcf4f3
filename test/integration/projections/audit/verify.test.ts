import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { jobCommands } from '../../../../commands/job-commands';
import { keyedJobId } from '../../../../commands/key-mark';
import { jobIdOf, jobStream, scheduleStream } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import type { ScheduleEvent } from '../../../../domain/schedule/events';
import { toTimestamp } from '../../../../domain/time';
import { startEventStoreServer, type EventStoreServer } from '@punctual/eventstore';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreScan } from '../../../../infra/eventstore/log-scan';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { uuids } from '../../../../infra/ids';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import type { StoredMessage } from '../../../../projections/audit/message-check';
import type { WindowStart } from '../../../../projections/audit/stream-check';
import { recordedEvent } from '../../../../projections/reading/log-scan';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { readModel } from '../../../../projections/projections';
import type { Timed } from '../../../support/audited';
import { accepted, as, keyed } from '../../../support/command-bench';
import * as schedules from '../../../support/schedules';
import { testSchema } from '../../../support/event-store';
import * as of from '../../../support/jobs';
import { t } from '../../../support/jobs';
import { newEvent } from '../../../support/new-event';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { plainStreams } from '../../../support/names';
import { verifiedLog, type Verification } from '../../../support/verified-log';

let database: TestDatabase;
let server: EventStoreServer;
let client: ReturnType<typeof openEventStore>;
let model: TestReadModel;

const signal = new AbortController().signal;

const openServer = async (): Promise<void> => {
  server = await startEventStoreServer({
    postgresUrl: database.url,
    schema: testSchema,
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
  });
  client = openEventStore(server.url);
};
const closeServer = async (): Promise<void> => {
  await closeEventStore(client);
  await server.close();
};

beforeAll(async () => {
  database = await createDatabase();
  model = await createReadModel();
  await openServer();
});
afterAll(async () => {
  await closeServer();
  await model.dispose();
  await database.drop();
});

/** Changes the stored events behind the server's back. It keeps the newest in memory, so it begins anew. */
const tamper = async (statement: string, values: readonly string[]): Promise<void> => {
  await closeServer();
  const direct = new Client({ connectionString: database.url });
  await direct.connect();
  const { rowCount } = await direct.query(`${statement}`, [...values]);
  await direct.end();
  expect(rowCount).toBe(1);
  await openServer();
};

/** Appends to a job's stream without asking any decision. */
const append = async (jobId: string, events: readonly Timed[], from = 0): Promise<bigint> => {
  let position = -1n;
  for (const [n, [second, { type, data }]] of events.entries()) {
    const { metadata, ...event } = newEvent(data, type);
    const appended = await eventStoreLog(client, plainStreams).append(
      jobStream(jobId),
      [{ ...event, metadata: { ...metadata, at: toTimestamp(t(second)) } }],
      from + n === 0 ? 'no-stream' : BigInt(from + n - 1),
    );
    if (appended.outcome !== 'appended') throw new Error('somebody else appends to the stream');
    ({ position } = appended);
  }
  return position;
};

/** Takes what is new in the log into the read model. */
const project = async (): Promise<void> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  for await (const batch of eventStoreScan(client, plainStreams)({ after: 'start' }, signal)) {
    const events = batch.map(recordedEvent).filter(({ stream }) => readModel.isMine(stream));
    await writer.apply(events, batch.at(-1)?.position ?? 0n);
  }
  await session.close();
};

type Asked = Omit<Verification, 'client' | 'db' | 'now' | 'overdueAfterMs'> & {
  readonly withRows?: boolean;
};

const verify = ({ withRows = true, ...asked }: Asked = {}) =>
  verifiedLog({
    ...{ client, ...asked, now: t(100), overdueAfterMs: 3_600_000 },
    ...(withRows && { db: model.db }),
  });

/** What is found of one job: tests share a log, and leave what they broke. */
const rulesOf = async (subject: string, options?: Asked): Promise<readonly string[]> =>
  (await verify(options)).violations
    .filter((violation) => violation.subject === subject)
    .map(({ rule }) => rule);

const scheduled: Timed = [0, of.scheduled()];
const life: readonly Timed[] = [
  scheduled,
  [50, of.dispatched()],
  [51, of.started()],
  [52, of.succeeded],
];
const awkward = of.scheduled({
  name: `o'clock "\\ ä€😀 100%`,
  tags: ['a,b', '{}', '"', 'NULL', 'ä€😀'],
  payload: { list: [1.5, null, 'ä', { '': '\u0001\u007f' }] },
  maxLatenessMs: 60_000,
});

const made = async (events: readonly Timed[]): Promise<string> => {
  const jobId = uuids.next();
  await append(jobId, events);
  return jobId;
};

test('a log that nobody broke, its read model and its messages pass', async () => {
  await made(life);
  await made([[0, awkward]]);
  await made([scheduled, [5, of.cancelled]]);
  await made([
    scheduled,
    [50, of.dispatched()],
    [51, of.started()],
    [52, of.attemptFailed(1, t(60))],
  ]);
  const running = await made([[0, awkward], ...life.slice(1, 3)]);
  await project();
  const messages = [messageOf(running, 1, 1)];
  const { verified, violations } = await verify({ messages });
  expect(violations).toEqual([]);
  expect(verified.events).toBe(14);
});

test('the mark of a key that a change has used is no job: nothing is parked, and nothing is found', async () => {
  const log = eventStoreLog(client, plainStreams);
  const commands = jobCommands({ log, clock: { now: () => t(1) }, ids: uuids });
  const { ownerId: _, ...definition } = of.definition;
  const made = await commands.schedule({ definition, dueAt: t(50) }, as('ada'));
  const { jobId } = accepted(made);
  accepted(await commands.cancel(jobId, undefined, as('ada', keyed('k'))));
  const twin = keyedJobId(uuids, 'ada', 'k');
  expect((await log.read(jobStream(twin))).map(({ type }) => type)).toEqual(['IdempotencyKeyUsed']);
  await project();
  expect(await model.db('parked_streams').where({ stream: jobStream(twin) })).toEqual([]);
  expect(await rulesOf(twin)).toEqual([]);
  expect(await rulesOf(jobId)).toEqual([]);
});

describe('what is planted in the log is found and named', () => {
  test.each<[string, readonly Timed[]]>([
    ['started-early', [scheduled, [49, of.dispatched()]]],
    ['started-after-cancel', [scheduled, [5, of.cancelled], [50, of.dispatched()]]],
    ['one-start-per-attempt', [...life.slice(0, 3), [52, of.started()]]],
    ['dispatch-due-time', [scheduled, [5, of.rescheduled(t(40))], [50, of.dispatched()]]],
    ['missing-outcome', [[0, of.scheduled({}, t(-7_200))]]],
    [
      'unreadable-event',
      [scheduled, [1, { type: 'JobTeleported', data: {} } as unknown as JobEvent]],
    ],
  ])('%s', async (rule, events) => {
    expect(await rulesOf(await made(events), { withRows: false })).toContain(rule);
  });

  test('revision-gap, for an event that was taken away by hand', async () => {
    const jobId = await made(life);
    expect(await rulesOf(jobId, { withRows: false })).toEqual([]);
    await tamper(
      `update ${testSchema}.events set stream = 'elsewhere' where stream = $1 and revision = 2`,
      [jobStream(jobId)],
    );
    expect(await rulesOf(jobId, { withRows: false })).toEqual(['revision-gap', 'legal-transition']);
  });

  test('events-hidden, for a stream that was deleted softly, and for one that was cut until it is whole again', async () => {
    const [deleted, cut] = [await made(life), await made(life)].map(jobStream);
    await client.deleteStream(deleted ?? '');
    await client.setStreamMetadata(cut ?? '', { maxCount: 1 });
    const { gone } = await verify({ withRows: false });
    const hidden = gone.filter(({ rule }) => rule === 'events-hidden');
    expect(hidden).toMatchObject([
      {
        subject: jobIdOf(deleted ?? ''),
        events: [{ stream: `$$${deleted ?? ''}`, type: '$metadata' }],
      },
      { subject: jobIdOf(cut ?? ''), message: expect.stringContaining('$maxCount 1') as string },
    ]);
    await client.setStreamMetadata(cut ?? '', {});
    const after = await verify({ withRows: false });
    expect(after.gone.map(({ subject }) => subject)).not.toContain(jobIdOf(cut ?? ''));
  });

  test('a stream that is named like a job, and is none of ours, is foreign: another program may name its own so', async () => {
    const before = (await verify({ withRows: false })).foreignEvents;
    await eventStoreLog(client, plainStreams).append('job-7', [newEvent()], 'no-stream');
    await eventStoreLog(client, plainStreams).append(
      `job-${randomUUID()}`,
      [newEvent()],
      'no-stream',
    );
    expect(await rulesOf('job-7', { withRows: false })).toEqual([]);
    expect((await verify({ withRows: false })).foreignEvents).toBe(before + 2);
  });
});

describe('what is wrong in the read model is found and named', () => {
  test.each<[readonly string[], string, string]>([
    [['row-differs'], 'a status', `update jobs set status = 'failed'`],
    [['row-differs', 'due-row-differs'], 'a name', `update jobs set name = 'another'`],
    [['row-differs'], 'a tag', `update jobs set tags = '{x}'`],
    [['row-differs'], 'a time', `update jobs set scheduled_at = scheduled_at + interval '1 ms'`],
    [['row-differs'], 'a revision', 'update jobs set revision = 7'],
    [['row-differs'], 'an error that is none', `update jobs set error = '{}'`],
    [['row-missing', 'due-row-differs'], 'a row that is gone', 'delete from jobs'],
    [['due-row-missing'], 'a due row that is gone', 'delete from due_jobs'],
    [['due-row-differs'], 'an attempt', 'update due_jobs set attempt = 2'],
    [['due-row-differs'], 'a location', `update due_jobs set location = 'elsewhere'`],
    [
      ['due-row-unknown', 'due-row-missing'],
      'a due time',
      `update due_jobs set due_at = due_at + interval '1 s'`,
    ],
  ])('%s: %s', async (rules, _what, statement) => {
    const jobId = await made([scheduled]);
    await project();
    expect(await rulesOf(jobId)).toEqual([]);
    await model.db.raw(`${statement} where job_id = ?`, [jobId]);
    expect([...(await rulesOf(jobId))].sort()).toEqual([...rules].sort());
  });

  test('row-unknown and due-row-unknown: a job that the log never had', async () => {
    const jobId = await made([scheduled]);
    await project();
    const other = uuids.next();
    for (const table of ['jobs', 'due_jobs'])
      await model.db.raw(
        `insert into ${table} select (jsonb_populate_record(r, jsonb_build_object('job_id', ?::uuid))).*
         from ${table} r where job_id = ?`,
        [other, jobId],
      );
    expect(await rulesOf(other)).toEqual(['row-unknown', 'due-row-unknown']);
  });

  test('due-row-unknown: a job that has started has nothing to wait for', async () => {
    const jobId = await made(life.slice(0, 3));
    const waiting = await made([scheduled]);
    await project();
    await model.db.raw('update due_jobs set job_id = ? where job_id = ?', [jobId, waiting]);
    expect(await rulesOf(jobId)).toEqual(['due-row-unknown']);
  });

  test('parked-stream: rows that stand still are told, and not compared', async () => {
    const jobId = await made([
      scheduled,
      [1, { type: 'JobTeleported', data: {} } as unknown as JobEvent],
    ]);
    await project();
    expect(await rulesOf(jobId)).toEqual(['unreadable-event', 'parked-stream']);
  });

  test('a read model that lags is compared with the log as it was by then', async () => {
    const jobId = await made([scheduled]);
    await project();
    await append(jobId, life.slice(1), 1);
    expect(await rulesOf(jobId)).toEqual([]);
  });
});

const messageOf = (jobId: string, attempt: number, revision: number): StoredMessage => ({
  stream: 'JOBS_DUE',
  sequence: 1,
  subject: `jobs.due.default.${jobId}`,
  id: `${jobId}/${attempt}/${revision}`,
  data: Buffer.from(JSON.stringify({ data: { jobId, attempt, revision } })),
});

describe('a schedule', () => {
  const START = '2026-11-23T12:00:00.000Z';
  const tzdata = pinnedZones.version;
  const creation: ScheduleEvent = {
    type: 'ScheduleCreated',
    data: {
      ...schedules.definition,
      name: `o'clock "\\ ä€😀 100%`,
      offsetMs: 0,
      rule: { timing: { cron: '0 12 * * *' }, timeZone: 'UTC' },
    },
  };
  const planning = (occurrenceAt: string, jobId: string): ScheduleEvent => ({
    type: 'OccurrencePlanned',
    data: { occurrenceAt, dueAt: occurrenceAt, jobId, tzdata },
  });
  const appendTo = async (
    scheduleId: string,
    events: readonly ScheduleEvent[],
    from = 0,
  ): Promise<void> => {
    for (const [n, { type, data }] of events.entries()) {
      const { metadata, ...event } = newEvent(data, type);
      await eventStoreLog(client, plainStreams).append(
        scheduleStream(scheduleId),
        [{ ...event, metadata: { ...metadata, at: START } }],
        from + n === 0 ? 'no-stream' : BigInt(from + n - 1),
      );
    }
  };
  /** With one occurrence that has its job. */
  const madeSchedule = async (occurrenceAt = '2026-11-24T12:00:00.000Z'): Promise<string> => {
    const [scheduleId, jobId] = [uuids.next(), uuids.next()];
    await appendTo(scheduleId, [creation, planning(occurrenceAt, jobId)]);
    await append(jobId, [
      [1, of.scheduled({ scheduleId, occurrenceAt }, Date.parse(occurrenceAt))],
    ]);
    return scheduleId;
  };

  test('that nobody broke passes, with its jobs and rows', async () => {
    const scheduleId = await madeSchedule();
    await project();
    expect(await rulesOf(scheduleId)).toEqual([]);
    expect((await verify()).violations.map(({ rule }) => rule)).not.toContain('unplanned-job');
  });

  test('occurrence-sum: what its rule has and nobody planned is found', async () => {
    const scheduleId = await madeSchedule('2026-11-25T12:00:00.000Z');
    expect(await rulesOf(scheduleId, { withRows: false })).toEqual(['occurrence-sum']);
  });

  test.each<[string, string, string]>([
    ['schedule-row-differs', 'a status', `update schedules set status = 'paused'`],
    ['schedule-row-differs', 'an owner', `update schedules set owner_id = 'bob'`],
    ['schedule-row-differs', 'a revision', 'update schedules set revision = 7'],
    ['schedule-row-differs', 'a definition', `update schedules set definition = '[]'`],
    [
      'schedule-row-differs',
      'how far it is decided',
      'update schedules set decided_until_ms = decided_until_ms + 1',
    ],
    ['schedule-row-missing', 'a row that is gone', 'delete from schedules'],
    ['occurrence-rows-differ', 'an occurrence that is gone', 'delete from schedule_occurrences'],
    [
      'occurrence-rows-differ',
      'another occurrence',
      `update schedule_occurrences set occurrence_at = occurrence_at + interval '1 ms'`,
    ],
    [
      'occurrence-rows-differ',
      'an occurrence with another job',
      'update schedule_occurrences set job_id = schedule_id',
    ],
  ])('%s: %s', async (rule, _what, statement) => {
    const scheduleId = await madeSchedule();
    await project();
    expect(await rulesOf(scheduleId)).toEqual([]);
    await model.db.raw(`${statement} where schedule_id = ?`, [scheduleId]);
    expect(await rulesOf(scheduleId)).toEqual([rule]);
  });

  test('schedule-row-unknown, and occurrences of it: a schedule that the log never had', async () => {
    const [scheduleId, other] = [await madeSchedule(), uuids.next()];
    await project();
    await model.db.raw('update schedule_occurrences set schedule_id = ? where schedule_id = ?', [
      other,
      scheduleId,
    ]);
    await model.db.raw('update schedules set schedule_id = ? where schedule_id = ?', [
      other,
      scheduleId,
    ]);
    expect(await rulesOf(other)).toEqual(['schedule-row-unknown', 'occurrence-rows-differ']);
    expect(await rulesOf(scheduleId)).toEqual(['schedule-row-missing', 'occurrence-rows-differ']);
  });

  test('whose stream was truncated is gone in part, and neither it nor its jobs are violations', async () => {
    const scheduleId = await madeSchedule();
    const stream = scheduleStream(scheduleId);
    await project();
    await client.setStreamMetadata(stream, { truncateBefore: 1 });
    await tamper(
      `update ${testSchema}.events set stream = 'elsewhere' where stream = $1 and revision = 0`,
      [stream],
    );
    expect(await rulesOf(scheduleId)).toEqual([]);
    const { gone } = await verify({ withRows: false });
    expect(gone).toContainEqual(
      expect.objectContaining({ rule: 'history-truncated', subject: scheduleId }),
    );
  });

  test('that cannot be read is told and parked, and does not hold up others', async () => {
    const scheduleId = await madeSchedule();
    const teleported = { type: 'ScheduleTeleported', data: {} } as unknown as ScheduleEvent;
    await appendTo(scheduleId, [teleported], 2);
    await project();
    expect(await rulesOf(scheduleId)).toEqual(['unreadable-event', 'parked-stream']);
  });

  test('is foreign when its name is not as ours are', async () => {
    const before = (await verify({ withRows: false })).foreignEvents;
    await eventStoreLog(client, plainStreams).append('schedule-7', [newEvent()], 'no-stream');
    expect((await verify({ withRows: false })).foreignEvents).toBe(before + 1);
  });

  test('that began before a window is read from its stream', async () => {
    const scheduleId = await madeSchedule();
    const position = await append(uuids.next(), [scheduled]);
    const start = { kind: 'after-position', position } as const;
    await appendTo(scheduleId, [planning('2026-11-26T12:00:00.000Z', uuids.next())], 2);
    expect(await rulesOf(scheduleId, { start, withRows: false })).toEqual(['occurrence-sum']);
  });
});

describe('a message', () => {
  const found = async (message: StoredMessage, start?: WindowStart) =>
    (
      await verify({ messages: [message], withRows: false, ...(start && { start }) })
    ).violations.filter(({ rule }) => rule === 'unbacked-message');

  test('of a dispatch that a reschedule has overtaken is backed: its claim will be refused', async () => {
    const jobId = await made([...life.slice(0, 2), [50.5, of.rescheduled(t(70))]]);
    expect(await found(messageOf(jobId, 1, 1))).toEqual([]);
  });

  test.each<[string, number, number, string]>([
    ['another event stands there', 1, 0, 'is JobScheduled'],
    ['there is no such revision', 1, 9, 'is not there'],
    ['it was another attempt', 2, 1, 'is JobDispatched'],
  ])('without its dispatch is found: %s', async (_why, attempt, revision, text) => {
    const jobId = await made(life.slice(0, 2));
    const violations = await found(messageOf(jobId, attempt, revision));
    expect(violations).toMatchObject([{ subject: `${jobId}/${attempt}/${revision}` }]);
    expect(violations[0]?.message).toContain(text);
  });

  test('that names nothing, another job or another id is found', async () => {
    const jobId = await made(life.slice(0, 2));
    const right = messageOf(jobId, 1, 1);
    expect(await found({ ...right, data: Buffer.from('x') })).toHaveLength(1);
    expect(await found({ ...right, id: undefined })).toHaveLength(1);
    expect(await found({ ...right, subject: `jobs.due.default.${uuids.next()}` })).toHaveLength(1);
  });

  test('of a dispatch before the window is backed: its stream is looked up', async () => {
    const jobId = await made(life.slice(0, 2));
    const position = await append(uuids.next(), [scheduled]);
    expect(await found(messageOf(jobId, 1, 1), { kind: 'after-position', position })).toEqual([]);
  });
});

describe('in a window', () => {
  test('jobs that began before it are known, and what they did wrong before is not told', async () => {
    const jobId = await made([scheduled, [49, of.dispatched()]]);
    const position = await append(uuids.next(), [scheduled]);
    const start = { kind: 'after-position', position } as const;
    await append(jobId, life.slice(2), 2);
    expect(await rulesOf(jobId, { start, withRows: false })).toEqual([]);
    await append(jobId, [[60, of.started()]], 4);
    expect(await rulesOf(jobId, { start, withRows: false })).toEqual([
      'after-the-end',
      'one-start-per-attempt',
    ]);
  });

  test('what lies after its end is not told, the end itself is', async () => {
    const jobId = uuids.next();
    const before = await append(jobId, [scheduled]);
    const position = await append(jobId, [[49, of.dispatched()]], 1);
    const upTo = (to: bigint) => ({
      end: { kind: 'at-position', position: to } as const,
      withRows: false,
    });
    expect(await rulesOf(jobId, upTo(before))).toEqual([]);
    expect(await rulesOf(jobId, upTo(position))).toEqual(['started-early']);
  });

  test('times cut by when events were stored', async () => {
    const jobId = await made([scheduled, [49, of.dispatched()]]);
    const ticks: bigint[] = [];
    for await (const batch of eventStoreScan(client, plainStreams)({ after: 'start' }, signal))
      for (const { stream, createdTicks } of batch)
        if (stream === jobStream(jobId)) ticks.push(createdTicks);
    const last = ticks.at(-1) ?? 0n;
    const from = (at: bigint) => ({
      start: { kind: 'at-time', ticks: at } as const,
      withRows: false,
    });
    const to = (at: bigint) => ({
      end: { kind: 'before-time', ticks: at } as const,
      withRows: false,
    });
    expect(await rulesOf(jobId, from(last))).toEqual(['started-early']);
    expect(await rulesOf(jobId, from(last + 1n))).toEqual([]);
    expect(await rulesOf(jobId, to(last))).toEqual([]);
    expect(await rulesOf(jobId, to(last + 1n))).toEqual(['started-early']);
  });
});

test('an event of a newer version stops it: nothing can be said about such a log', async () => {
  const { metadata, ...event } = newEvent({ dueAt: toTimestamp(t(0)) }, 'JobRedriven');
  const newer = { ...event, metadata: { ...metadata, schemaVersion: 2 } };
  const stream = jobStream(uuids.next());
  await eventStoreLog(client, plainStreams).append(stream, [newer], 'no-stream');
  await expect(verify({ withRows: false })).rejects.toThrow(
    `JobRedriven at revision 0 of ${stream}, position `,
  );
});
