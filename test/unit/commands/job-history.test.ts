import { jobHistory, type HeldBackOf } from '../../../commands/job-history';
import type { AsOf } from '../../../domain/audit/as-of';
import { accepted, as, commandBench, scheduledJob } from '../../support/command-bench';
import { definition, t } from '../../support/jobs';

const heldBack = { reason: 'owner-turn', since: '2026-11-23T12:00:51.000Z' } as const;
const olga = { kind: 'operator', id: 'olga' } as const;

/** The story of a job due at 50, told at 60. */
const storyWith = async (heldBackOf: HeldBackOf, asOf?: { kind: 'time'; at: number }) => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  return (await jobHistory(bench.log, { now: () => t(60) }, heldBackOf).story(jobId, olga, asOf))
    ?.verdict.why;
};

test('the story of a due job asks what holds back its queue and owner', async () => {
  const asked: unknown[] = [];
  const why = await storyWith((...place) => {
    asked.push(place);
    return Promise.resolve(heldBack);
  });
  expect(why).toContain('Its owner has more jobs due than its turn');
  expect(asked).toEqual([[definition.queue, definition.ownerId]]);
});

test('a story of the past does not ask what holds back now', async () => {
  const why = await storyWith(() => Promise.resolve(heldBack), { kind: 'time', at: t(55) });
  expect(why).not.toContain('turn');
});

test('a read model that is away takes nothing from the story but that: the log tells it', async () => {
  const why = await storyWith(() => Promise.reject(new Error('ECONNREFUSED')));
  expect(why).toContain('waits for the dispatcher');
});

test('a job that is not due is told without asking anybody', async () => {
  const bench = commandBench();
  const { ownerId: _, ...request } = definition;
  const { jobId } = accepted(
    await bench.commands.schedule({ definition: request, dueAt: t(500) }, as('ada')),
  );
  const never = () => Promise.reject(new Error('asked'));
  expect(await jobHistory(bench.log, { now: () => t(60) }, never).story(jobId, olga)).toBeDefined();
});

describe('a job as it is and as it was', () => {
  const ada = { kind: 'user', id: 'ada' } as const;
  const bob = { kind: 'user', id: 'bob' } as const;
  const UNKNOWN = '019ab000-0000-7000-8000-0000000000ff';
  /** Scheduled at 0, moved at 20. */
  const moved = async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    bench.setNow(t(20));
    accepted(await bench.commands.reschedule(jobId, t(75), undefined, as('ada')));
    const [first] = await bench.events(jobId);
    const history = jobHistory(bench.log, { now: () => t(60) });
    return { jobId, history, firstPosition: first?.position ?? 0n };
  };

  test('is told to its owner and to operators', async () => {
    const { jobId, history } = await moved();
    expect(await history.state(jobId, ada)).toMatchObject({ jobId, revision: 1 });
    expect(await history.state(jobId, olga)).toMatchObject({ jobId, revision: 1 });
    expect(await history.state(jobId, bob)).toBeUndefined();
    expect(await history.state(UNKNOWN, olga)).toBeUndefined();
  });

  test('at a time and at a place of the log, both inclusive', async () => {
    const { jobId, history, firstPosition } = await moved();
    const revisionAt = async (asOf: AsOf) => (await history.stateAsOf(jobId, ada, asOf))?.revision;
    expect(await revisionAt({ kind: 'time', at: t(19.999) })).toBe(0);
    expect(await revisionAt({ kind: 'time', at: t(20) })).toBe(1);
    expect(await revisionAt({ kind: 'position', position: firstPosition })).toBe(0);
    expect(await history.stateAsOf(jobId, ada, { kind: 'time', at: t(-1) })).toBeUndefined();
    expect(await history.events(jobId, ada, { kind: 'time', at: t(10) })).toHaveLength(1);
  });

  test('a story up to a place ends with the last event before it, for a place has no time', async () => {
    const { jobId, history, firstPosition } = await moved();
    const story = await history.story(jobId, ada, { kind: 'position', position: firstPosition });
    expect(story?.verdict.why).toContain('in 50.0 s'); // as seen at 0, and not at 60
    expect(story?.steps).toHaveLength(1);
  });

  test('a story up to a time counts the waiting up to then', async () => {
    const { jobId, history } = await moved();
    const story = await history.story(jobId, ada, { kind: 'time', at: t(30) });
    expect(story?.verdict.why).toContain('in 45.0 s');
    expect(await history.story(jobId, bob)).toBeUndefined();
  });

  test('a story that asks nobody what holds back is told by the log alone', async () => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const story = await jobHistory(bench.log, { now: () => t(60) }).story(jobId, ada);
    expect(story?.verdict.why).toContain('waits for the dispatcher');
  });
});

test.each([
  [50, 1],
  [49.999, 0],
])(
  'at second %d of a job due at 50 what holds back is asked for %d times',
  async (second, times) => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    const asked = jest.fn(() => Promise.resolve(heldBack));
    await jobHistory(bench.log, { now: () => t(second) }, asked).story(jobId, olga);
    expect(asked).toHaveBeenCalledTimes(times);
  },
);

test('of a job that has ended after its due time nobody asks what holds it back', async () => {
  const bench = commandBench();
  const jobId = await scheduledJob(bench);
  accepted(await bench.commands.cancel(jobId, undefined, as('ada')));
  const asked = jest.fn(() => Promise.resolve(heldBack));
  await jobHistory(bench.log, { now: () => t(60) }, asked).story(jobId, olga);
  expect(asked).not.toHaveBeenCalled();
});
