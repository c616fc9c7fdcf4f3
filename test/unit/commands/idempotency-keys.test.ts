import type { CommandContext, JobAnswer } from '../../../commands/answers';
import type { JobCommands } from '../../../commands/job-commands';
import { keyedJobId, takeKey } from '../../../commands/key-mark';
import { AppendOutcomeUnknown, type EventLog } from '../../../domain/event-log';
import { jobStream } from '../../../domain/ids';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { accepted, as, commandBench, keyed, scheduledJob } from '../../support/command-bench';
import { definition, t } from '../../support/jobs';

const { ownerId: _, ...request } = definition;
const reused = { outcome: 'rejected', rejection: { code: 'idempotency-key-reused' } };

const schedule = (commands: JobCommands, context: CommandContext): Promise<JobAnswer> =>
  commands.schedule({ definition: request, dueAt: t(50) }, context);

type Change = (commands: JobCommands, jobId: string, context: CommandContext) => Promise<JobAnswer>;
const changes: readonly (readonly [string, Change])[] = [
  ['cancel', (commands, jobId, context) => commands.cancel(jobId, undefined, context)],
  [
    'reschedule',
    (commands, jobId, context) => commands.reschedule(jobId, t(90), undefined, context),
  ],
  ['run-now', (commands, jobId, context) => commands.runNow(jobId, undefined, context)],
];

test.each(changes)(
  'a key that has scheduled a job is refused for %s, of that job and of any other',
  async (verb, change) => {
    const { commands, types, events } = commandBench();
    const key = keyed('k', 'POST /v1/jobs');
    const made = accepted(await schedule(commands, as('ada', key))).jobId;
    const other = accepted(await schedule(commands, as('ada'))).jobId;
    const again = as('ada', keyed('k', `POST /v1/jobs/…/${verb}`));
    for (const jobId of [made, other]) {
      expect(await change(commands, jobId, again)).toEqual(reused);
      expect(await types(jobId)).toEqual(['JobScheduled']);
    }
    expect(await events(made)).toHaveLength(1);
  },
);

test.each(changes)('a key of a %s is refused for a schedule', async (_verb, change) => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  accepted(await change(bench.commands, jobId, as('ada', keyed('k', 'change'))));
  expect(await schedule(bench.commands, as('ada', keyed('k', 'schedule')))).toEqual(reused);
  expect(await bench.commands.scheduledBefore(as('ada', keyed('k', 'schedule')))).toEqual(reused);
});

test('a key of a change of one job is refused for the same change of another', async () => {
  const bench = commandBench();
  const [one, two] = [await scheduledJob(bench), await scheduledJob(bench)];
  const cancel = (jobId: string) =>
    bench.commands.cancel(jobId, undefined, as('ada', keyed('k', `cancel ${jobId}`)));
  const first = accepted(await cancel(one));
  expect(await cancel(two)).toEqual(reused);
  expect(await bench.types(two)).toEqual(['JobScheduled']);
  expect(await cancel(one)).toEqual({ ...first, isReplay: true });
});

test('a key belongs to its owner: another one may use the same', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  accepted(await bench.commands.cancel(jobId, undefined, as('ada', keyed('k'))));
  accepted(await schedule(bench.commands, as('bob', keyed('k'))));
});

test('a refused change leaves no trace, so its key is still free', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const early = bench.commands.reschedule(jobId, t(-100), undefined, as('ada', keyed('k', 'a')));
  expect(await early).toMatchObject({ outcome: 'rejected' });
  accepted(await schedule(bench.commands, as('ada', keyed('k', 'b'))));
});

test('where a key is marked there is no job, for anybody', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  accepted(await bench.commands.cancel(jobId, undefined, as('ada', keyed('k'))));
  const twin = commandBench();
  const marked = accepted(await schedule(twin.commands, as('ada', keyed('k')))).jobId;
  expect(await bench.types(marked)).toEqual(['IdempotencyKeyUsed']);
  expect(await bench.commands.cancel(marked, undefined, as('ada'))).toMatchObject({
    rejection: { code: 'job-not-found' },
  });
});

test('a keyed schedule costs no read and one append, a keyed change one append more', async () => {
  let appends = 0;
  const bench = commandBench((log) => ({
    ...log,
    append: (...args) => {
      appends += 1;
      return log.append(...args);
    },
  }));
  const { jobId } = accepted(await schedule(bench.commands, as('ada', keyed('k'))));
  expect([appends, bench.reads()]).toEqual([1, 0]);
  accepted(await bench.commands.cancel(jobId, undefined, as('ada', keyed('other'))));
  expect([appends, bench.reads()]).toEqual([3, 1]);
});

test('a change that was cut off after its key was taken can be sent again, and nothing else with that key', async () => {
  let isCut = true;
  const cutting = (log: EventLog): EventLog => ({
    ...log,
    append: (stream, events, expected) =>
      isCut && events[0]?.type === 'JobCancelled'
        ? Promise.reject(new AppendOutcomeUnknown('cut'))
        : log.append(stream, events, expected),
  });
  const bench = commandBench(cutting);
  const jobId = await scheduledJob(bench);
  const cancel = () => bench.commands.cancel(jobId, undefined, as('ada', keyed('k', 'cancel')));
  await expect(cancel()).rejects.toThrow(AppendOutcomeUnknown);
  isCut = false;
  expect(await schedule(bench.commands, as('ada', keyed('k', 'schedule')))).toEqual(reused);
  expect(accepted(await cancel()).job.status).toBe('cancelled');
});

test('of a schedule and a change with one key at the same moment exactly one is done', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  const outcomes = await Promise.all([
    bench.commands.cancel(jobId, undefined, as('ada', keyed('k', 'cancel'))),
    schedule(bench.commands, as('ada', keyed('k', 'schedule'))),
  ]);
  expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
  expect(outcomes).toContainEqual(reused);
});

describe('a key that is taken for a change', () => {
  const order = { subjectId: '019ab000-0000-7000-8000-000000000001', commandId: 'c-1' };
  const context = as('ada', keyed('k', 'body'));
  const take = (log: EventLog, more: object = {}) =>
    takeKey({ log, ids: uuids }, { ...order, context, ...more }, t(0));

  test('says whose and which request took it', async () => {
    const { log } = memoryEventLog();
    expect(await take(log)).toBe(true);
    expect(await log.read(jobStream(keyedJobId(uuids, 'ada', 'k')))).toMatchObject([
      {
        type: 'IdempotencyKeyUsed',
        data: { jobId: order.subjectId },
        metadata: {
          ...{ commandId: 'c-1', actor: context.actor, fingerprint: 'body', schemaVersion: 1 },
          ...{ $correlationId: order.subjectId, $causationId: 'request-1' },
          at: '2026-11-23T12:00:00.000Z',
        },
      },
    ]);
  });

  test('belongs to the same request still when its answer got lost and the log forgot the repeat', async () => {
    const { log } = memoryEventLog();
    await take(log);
    const forgetful: EventLog = { ...log, append: () => Promise.resolve({ outcome: 'conflict' }) };
    expect(await take(forgetful)).toBe(true);
    expect(await take(forgetful, { commandId: 'c-2' })).toBe(false);
    expect(await take(forgetful, { context: as('ada', keyed('k', 'other body')) })).toBe(false);
  });

  test('belongs to nobody when something else stands in its place', async () => {
    const { log } = memoryEventLog();
    const stream = jobStream(keyedJobId(uuids, 'ada', 'k'));
    const occupied = async (metadata: unknown, type = 'IdempotencyKeyUsed') =>
      await take({
        append: () => Promise.resolve({ outcome: 'conflict' }),
        read: async () => {
          const { log: other } = memoryEventLog();
          await take(other);
          return (await other.read(stream)).map((event) => ({ ...event, type, metadata }));
        },
      });
    const right = { commandId: 'c-1', fingerprint: 'body' };
    expect(await occupied(right)).toBe(true);
    expect(await occupied(right, 'JobScheduled')).toBe(false);
    for (const wrong of [
      null,
      undefined,
      'text',
      {},
      { commandId: 'c-1' },
      { fingerprint: 'body' },
    ])
      expect(await occupied(wrong)).toBe(false);
    const gone: EventLog = {
      append: () => Promise.resolve({ outcome: 'conflict' }),
      read: () => Promise.resolve([]),
    };
    expect(await take(gone)).toBe(false);
    expect(await log.read(stream)).toEqual([]);
  });

  test('is none without a key: nothing is appended', async () => {
    const { log } = memoryEventLog();
    const append = jest.fn(log.append);
    expect(await take({ ...log, append }, { context: as('ada') })).toBe(true);
    expect(append).not.toHaveBeenCalled();
  });
});
