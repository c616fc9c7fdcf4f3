import { randomUUID } from 'node:crypto';
import {
  EventLogUnavailable,
  type AppendOutcome,
  type EventLog,
} from '../../../../domain/event-log';
import { jobStream } from '../../../../domain/ids';
import { BATCH_ITEMS } from '../../../../domain/operation/limits';
import { fromTimestamp } from '../../../../domain/time';
import type { HandlerOutcome } from '../../../../processes/executing/ports';
import { jobQueries } from '../../../../projections/queries/jobs';
import { newEvent } from '../../../support/new-event';
import { definition } from '../../../support/jobs';
import { until } from '../../../support/until';
import { context, createWorld, type World } from '../world';
import { bulkChangingIn, type BulkChanging } from './bulk-changing-world';

// many jobs are changed at once, whoever dies in the middle of it

const HOUR_MS = 3_600_000;

let world: World;
let bulk: BulkChanging;
/** Lets those who were killed come to an end, so that nothing is left of them. */
let buried: (() => void)[] = [];

beforeEach(async () => {
  world = await createWorld();
  bulk = bulkChangingIn(world);
  world.run(world.projector());
});
afterEach(async () => {
  for (const bury of buried) bury();
  buried = [];
  await bulk.dispose();
  await world.dispose();
});

const scheduleMany = (count: number, tag: string): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => world.schedule(HOUR_MS, { tags: [tag] })));
const cancelled = (jobIds: readonly string[]): Promise<readonly string[][]> =>
  Promise.all(jobIds.map(async (jobId) => [...(await world.story(jobId))]));
const byTag = (tag: string) => ({ by: 'filter', filter: { tag, ownerId: 'ada' } }) as const;

type Deadly = { readonly log: EventLog; readonly dead: Promise<void> };

/** A log for one who is killed at an append: before it is there, or before the answer is. Nothing of theirs comes after. */
const deadlyLog = (log: EventLog, at: number, when: 'before' | 'after'): Deadly => {
  let appends = 0;
  let isDead = false;
  let die: () => void = () => undefined;
  const dead = new Promise<void>((resolve) => {
    die = resolve;
  });
  const never = new Promise<never>((_resolve, reject) => {
    buried.push(() => {
      reject(new EventLogUnavailable('killed'));
    });
  });
  never.catch(() => undefined); // nobody may wait for it
  return {
    dead,
    log: {
      read: (...asked) => (isDead ? never : log.read(...asked)),
      append: async (...asked): Promise<AppendOutcome> => {
        if (isDead) return await never;
        appends += 1;
        if (appends !== at) return await log.append(...asked);
        isDead = true;
        if (when === 'after') await log.append(...asked);
        die();
        return await never;
      },
    },
  };
};

test('what a filter selects is cancelled, each job by a command of its own, and what is scheduled later is left alone', async () => {
  const jobIds = await scheduleMany(BATCH_ITEMS + 5, 'red');
  const [other] = await scheduleMany(1, 'green');
  const operationId = await bulk.start({
    ...{ kind: 'cancel', selection: byTag('red'), reason: 'the books are closed' },
  });
  const [later] = await scheduleMany(1, 'red');
  world.run(bulk.changer());
  const view = await bulk.untilEnded(operationId);
  expect(view).toMatchObject({
    status: 'completed',
    items: jobIds.length,
    progress: { changed: jobIds.length, unchanged: 0, refused: 0, left: 0, waiting: 0 },
  });
  const [first = ''] = jobIds;
  expect((await world.log.read(jobStream(first))).at(-1)).toMatchObject({
    type: 'JobCancelled',
    data: { reason: 'the books are closed' },
    metadata: { actor: context.actor, $causationId: `operation-${operationId}` },
  });
  expect(new Set((await cancelled(jobIds)).map((types) => types.join()))).toEqual(
    new Set(['JobScheduled,JobCancelled']),
  );
  expect(await world.story(other ?? '')).toEqual(['JobScheduled']);
  expect(await world.story(later ?? '')).toEqual(['JobScheduled']);
  // bounded, however many jobs there are
  expect((await bulk.events(operationId)).length).toBe(7);
});

test('named jobs are told one by one: changed, so already, refused with the reason, and of a foreign one no more than of one that never was', async () => {
  const [mine = '', twice = ''] = await scheduleMany(2, 'red');
  await world.jobs.cancel(twice, undefined, context);
  const foreign = await world.scheduleFor('eve', HOUR_MS);
  const unknown = randomUUID().replace(/^(.{14})./, '$17');
  const broken = await world.schedule(HOUR_MS);
  await world.log.append(jobStream(broken), [newEvent({}, 'JobStarted')], 'any');
  const jobIds = [mine, twice, foreign, unknown, broken];
  const operationId = await bulk.start({ kind: 'cancel', selection: { by: 'ids' }, jobIds });
  world.run(bulk.changer());
  await bulk.untilEnded(operationId);
  const { name } = definition;
  expect(await bulk.items(operationId)).toEqual([
    { item: 0, jobId: mine, name, outcome: 'changed' },
    { item: 1, jobId: twice, name, outcome: 'unchanged' },
    { item: 2, jobId: foreign, outcome: 'refused', code: 'job-not-found' },
    { item: 3, jobId: unknown, outcome: 'refused', code: 'job-not-found' },
    { item: 4, jobId: broken, name, outcome: 'refused', code: 'job-unreadable' },
  ]);
  expect(await world.story(foreign)).toEqual(['JobScheduled']);
});

// a move is what would be seen if it were made twice
test.each(['before', 'after'] as const)(
  'whoever is killed %s any of the appends, the next one finishes it, and nothing is done twice',
  async (when) => {
    const COUNT = 6;
    for (let at = 1, isThrough = false; !isThrough; at += 1) {
      const tag = `round ${at}`;
      const jobIds = await scheduleMany(COUNT, tag);
      const dueBefore = await Promise.all(jobIds.map(dueOf));
      const deadly = deadlyLog(world.log, at, when);
      const first = world.run(bulk.changer({}, deadly.log));
      const operationId = await bulk.start({
        ...{ kind: 'move', selection: byTag(tag), byMs: HOUR_MS },
      });
      const ended = bulk.untilEnded(operationId);
      const outcome = await Promise.race([deadly.dead.then(() => 'dead'), ended]);
      isThrough = outcome !== 'dead';
      if (isThrough) await first.stop();
      const second = world.run(bulk.changer());
      expect(await ended).toMatchObject({
        progress: { changed: COUNT, unchanged: 0, refused: 0, left: 0 },
      });
      await second.stop();
      const dueAfter = await Promise.all(jobIds.map(dueOf));
      expect(dueAfter).toEqual(dueBefore.map((dueAt) => dueAt + HOUR_MS));
      expect(new Set((await cancelled(jobIds)).map((types) => types.join()))).toEqual(
        new Set(['JobScheduled,JobRescheduled']),
      );
      // selection, its end, each job, the batch with the end of all
      if (isThrough) expect(at).toBe(COUNT + 4);
    }
  },
);

const dueOf = async (jobId: string): Promise<number> => {
  const events = await world.log.read(jobStream(jobId));
  const { dueAt } = events.at(-1)?.data as { readonly dueAt: string };
  return fromTimestamp(dueAt);
};

test('a stop ends it: what is changed is told, what was not tried is left, also when somebody was killed meanwhile', async () => {
  const jobIds = await scheduleMany(2 * BATCH_ITEMS, 'red');
  const operationId = await bulk.start({ kind: 'cancel', selection: byTag('red') });
  // dies within the second batch: selection, its end, 200 jobs, their progress, and 50 more
  const deadly = deadlyLog(world.log, 2 + BATCH_ITEMS + 1 + 50, 'after');
  world.run(bulk.changer({}, deadly.log));
  await deadly.dead;
  const stopped = await bulk.commands.stop(operationId, 'the wrong tag', context);
  expect(stopped).toMatchObject({ outcome: 'accepted', operation: { status: 'stopping' } });
  await until(async () => (await bulk.look(operationId))?.status === 'stopping');
  world.run(bulk.changer());
  const view = await bulk.untilEnded(operationId);
  const events = await cancelled(jobIds);
  const changed = events.filter((types) => types.includes('JobCancelled')).length;
  expect(changed).toBeGreaterThanOrEqual(BATCH_ITEMS + 50);
  expect(changed).toBeLessThan(2 * BATCH_ITEMS);
  expect(view).toMatchObject({
    ...{ status: 'stopped', note: 'the wrong tag' },
    progress: { changed, left: 2 * BATCH_ITEMS - changed, waiting: 0 },
  });
  expect(await bulk.commands.stop(operationId, undefined, context)).toMatchObject({
    outcome: 'accepted',
    operation: { status: 'stopped' },
  });
});

test('a move is undone once: back to where each job was, but those that somebody has moved since', async () => {
  const [one = '', other = ''] = await scheduleMany(2, 'red');
  const [dueOne, dueOther] = [await dueOf(one), await dueOf(other)];
  const moving = await bulk.start({ kind: 'move', selection: byTag('red'), byMs: -60_000 });
  world.run(bulk.changer());
  await bulk.untilEnded(moving);
  expect(await dueOf(one)).toBe(dueOne - 60_000);
  await world.jobs.reschedule(other, dueOther + 5_000, undefined, context);
  const undone = await bulk.commands.undo(moving, 'too early', context);
  if (undone.outcome !== 'accepted') throw new Error(JSON.stringify(undone));
  await bulk.untilEnded(undone.operationId);
  expect(await bulk.items(undone.operationId)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ jobId: one, outcome: 'changed' }),
      expect.objectContaining({ jobId: other, outcome: 'refused', code: 'job-moved-since' }),
    ]),
  );
  expect(await dueOf(one)).toBe(dueOne);
  expect(await dueOf(other)).toBe(dueOther + 5_000);
  expect(await bulk.commands.undo(moving, undefined, context)).toMatchObject({
    ...{ outcome: 'accepted', operationId: undone.operationId, isReplay: true },
  });
});

test('a cancel and a redrive cannot be undone, and the answer says so', async () => {
  const [jobId = ''] = await scheduleMany(1, 'red');
  const cancelling = await bulk.start({
    ...{ kind: 'cancel', selection: { by: 'ids' }, jobIds: [jobId] },
  });
  expect(await bulk.commands.undo(cancelling, undefined, context)).toEqual({
    ...{ outcome: 'rejected', rejection: { code: 'operation-open' } },
  });
  world.run(bulk.changer());
  await bulk.untilEnded(cancelling);
  expect(await bulk.commands.undo(cancelling, undefined, context)).toEqual({
    ...{ outcome: 'rejected', rejection: { code: 'operation-not-undoable' } },
  });
});

test('a small operation is not held up by the huge one of somebody else, nor by one that cannot go on', async () => {
  const many = await scheduleMany(5 * BATCH_ITEMS, 'red');
  const hers = await world.scheduleFor('eve', HOUR_MS);
  const eve = { ...context, actor: { kind: 'user', id: 'eve' } } as const;
  const mallory = { ...context, actor: { kind: 'user', id: 'mallory' } } as const;
  await until(async () => {
    const { items } = await jobQueries(world.readModel.db).list({ tag: 'red' }, { limit: 1 });
    return items.length > 0;
  });
  const huge = await bulk.start({ kind: 'cancel', selection: { by: 'ids' }, jobIds: many });
  const broken = await bulk.start(
    { kind: 'cancel', selection: { by: 'ids' }, jobIds: [hers] },
    mallory,
  );
  await until(() => bulk.look(broken));
  await world.readModel.db('operation_batches').where('operation_id', broken).delete();
  const small = await bulk.start({ kind: 'cancel', selection: { by: 'ids' }, jobIds: [hers] }, eve);
  world.run(bulk.changer({ settings: { mostPerSecond: 400 } }));
  await bulk.untilEnded(small);
  expect(await bulk.look(huge)).toMatchObject({ status: 'running' });
  await bulk.untilEnded(huge);
  expect(await bulk.look(broken)).toMatchObject({ status: 'running', progress: { changed: 0 } });
});

test('failed jobs are redriven, once each, although one fails again at once', async () => {
  const failed: HandlerOutcome = { status: 'failed', error: { code: 'no', message: 'no' } };
  const failing = { print: () => Promise.resolve(failed) };
  world.run(world.dispatcher());
  world.run(world.gateway());
  world.run(world.executor({ handlers: failing }));
  const retry = { maxAttempts: 1, initialDelayMs: 0, maxDelayMs: 0, factor: 1 };
  const jobId = await world.schedule(0, { retry, tags: ['red'] });
  await world.untilStory(jobId, 'JobFailed');
  const operationId = await bulk.start({ kind: 'redrive', selection: byTag('red') });
  // killed after the job was redriven, and before that was told; it fails once more meanwhile
  const deadly = deadlyLog(world.log, 3, 'after');
  world.run(bulk.changer({}, deadly.log));
  await deadly.dead;
  await until(
    async () => (await world.story(jobId)).filter((type) => type === 'JobFailed').length === 2,
    { what: 'it has failed again' },
  );
  world.run(bulk.changer());
  expect(await bulk.untilEnded(operationId)).toMatchObject({ progress: { changed: 1 } });
  expect((await world.story(jobId)).filter((type) => type === 'JobRedriven')).toHaveLength(1);
});
