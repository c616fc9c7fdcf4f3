import { jobHistory, type HeldBackOf } from '../../../commands/job-history';
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
