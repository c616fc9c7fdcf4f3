import { map } from 'rxjs';
import { attemptCommands } from '../../../commands/attempt-commands';
import type { EventLog, RecordedEvent } from '../../../domain/event-log';
import { proofs } from '../../../commands/proofs';
import { jobStream } from '../../../domain/ids';
import { uuids } from '../../../infra/ids';
import { hmacSigner } from '../../../infra/signer';
import type { Feed, FeedItem } from '../../../projections/reading/feed';
import { until } from '../../support/until';
import { context, createWorld, type World } from './world';

// the API is upgraded before the processes that read: it writes a type of event that they do not know yet

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.dispose();
});

const settings = {
  ...{ everyMs: 50, startTimeoutMs: 400, startTimeoutAfterLossMs: 100, compareEveryMs: 200 },
  ...{ overdueGraceMs: 100, freshStartMs: 0, silentMs: 60_000 },
};

/** The type that the new build brings. */
const NEW_TYPE = 'JobAbortRequested';

/** An event as a build sees it that has no such type: by a name that is not in its catalogue. */
const unknown = (event: RecordedEvent): RecordedEvent =>
  event.type === NEW_TYPE ? { ...event, type: 'NotInThisBuild' } : event;

const oldLog = (log: EventLog): EventLog => ({
  append: log.append,
  read: async (stream) => (await log.read(stream)).map(unknown),
});

const oldFeed = (feed: Feed): Feed => ({
  open: (after) => {
    const { items$, ...flow } = feed.open(after);
    const seen = map((item: FeedItem): FeedItem =>
      item.kind === 'event' ? { ...item, event: unknown(item.event) } : item,
    );
    return { ...flow, items$: items$.pipe(seen) };
  },
});

test('an event that an old build does not know stops its own job only, and nothing once the build is new', async () => {
  const log = oldLog(world.log);
  const commands = attemptCommands({
    ...{ log, clock: { now: () => Date.now() }, ids: uuids, draw: () => Math.random() },
    proofs: proofs(hmacSigner('0123456789abcdef')),
  });
  const oldProjector = world.run(world.projector({ feed: oldFeed(world.feed), eventLog: log }));
  const oldRescuer = world.run(world.rescuer({ commands, settings }));
  world.run(world.dispatcher());
  const retry = { maxAttempts: 1, initialDelayMs: 50, maxDelayMs: 50, factor: 1 };
  const [aborted, other] = await Promise.all([
    world.schedule(0, { timeoutMs: 1_000, retry }),
    world.schedule(0, { timeoutMs: 2_000, retry }),
  ]);
  for (const jobId of [aborted, other]) {
    await world.untilStory(jobId, 'JobDispatched');
    const claim = { jobId, attempt: 1, revision: 1n, executorId: 'vanished' };
    expect(await commands.claim(claim)).toMatchObject({ granted: true });
  }
  await world.jobs.abort(aborted, undefined, context); // by the new build

  const parked = async (): Promise<readonly string[]> =>
    (await world.readModel.db('parked_streams').select('stream')).map(({ stream }) =>
      String(stream),
    );
  await until(async () => (await parked()).length === 1, { what: 'its stream is parked' });
  expect(await parked()).toEqual([jobStream(aborted)]);
  await world.untilStory(other, 'JobFailed');
  await until(() => world.counts.of('fault:overdue') > 0, { what: 'the old rescuer has met it' });
  expect(world.counts.of('outage:overdue')).toBe(0);
  expect(await world.story(aborted)).not.toContain('JobAttemptFailed');

  await Promise.all([oldProjector.stop(), oldRescuer.stop()]);
  world.run(world.projector());
  world.run(world.rescuer({ settings }));
  await until(async () => (await parked()).length === 0, { what: 'its stream is read again' });
  expect((await world.untilStory(aborted, 'JobAborted')).slice(-2)).toEqual([
    'JobAttemptFailed',
    'JobAborted',
  ]);
});
