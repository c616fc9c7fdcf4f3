import { forecast } from '../../../cli/forecast';
import { UsageError } from '../../../cli/verb';
import { announceProjected } from '../../../projections/projected';
import { projectionWriter } from '../../../projections/writing/projection-writer';
import { jobsProjection } from '../../../projections/registry';
import { recorded, testJobId } from '../../support/job-histories';
import { scheduled, t } from '../../support/jobs';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { linesOf, runVerbHere } from '../../support/run-verb';

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
  const session = await model.openSession();
  const writer = await projectionWriter(session, jobsProjection, announceProjected);
  const due = [0, 10, 20, 30, 60, 70].map((seconds, n) =>
    recorded(
      testJobId(n),
      0n,
      BigInt(n),
      scheduled({ queue: n > 4 ? 'mail' : 'default' }, t(seconds)),
    ),
  );
  await writer.apply(due, 10n);
  await session.close();
});
afterAll(() => model.dispose());

const from = '2026-11-23T12:00:00Z';
const run = (...args: readonly string[]) =>
  runVerbHere(forecast, ['--postgres', model.url, '--from', from, ...args]);

test('a line for each minute with jobs, its bar as long as its share of the fullest one', async () => {
  const { code, output } = await run('--to', '2026-11-23T13:00:00Z');
  expect(code).toBe(0);
  expect(output.split('\n')).toEqual([
    `2026-11-23T12:00Z 4 ${'█'.repeat(40)}`,
    `2026-11-23T12:01Z 2 ${'█'.repeat(20)}`,
    '6 jobs wait from 2026-11-23T12:00:00.000Z to 2026-11-23T13:00:00.000Z, by minute',
    '',
  ]);
});

test('JSON lines by queue and day, for programs', async () => {
  const { output } = await run('--step', 'day', '--by', 'queue', '--json');
  expect(linesOf(output)).toEqual([
    { kind: 'bucket', at: '2026-11-23T00:00:00.000Z', jobs: 5, queue: 'default' },
    { kind: 'bucket', at: '2026-11-23T00:00:00.000Z', jobs: 1, queue: 'mail' },
    expect.objectContaining({ kind: 'total', step: 'day', jobs: 6 }),
  ]);
});

test('one owner has his own, a stranger nothing', async () => {
  expect((await run('--owner', 'ada')).output).toContain('6 jobs wait');
  expect((await run('--owner', 'bob', '--queue', 'mail')).output).toContain('0 jobs wait');
});

test.each`
  args                                | why                                   | message
  ${['--step', 'week']}               | ${'no such step'}                     | ${/not minute, hour or day/}
  ${['--by', 'tag']}                  | ${'no such division'}                 | ${/not queue or owner/}
  ${['--to', 'noon']}                 | ${'no timestamp'}                     | ${/write it as/}
  ${['--to', '2026-11-23T11:00:00Z']} | ${'the window ends before it begins'} | ${/before --from/}
  ${['--to', '2026-12-23T12:00:00Z']} | ${'a month by minute'}                | ${/longer --step/}
`(
  '$args is told with what to do: $why',
  async ({ args, message }: { args: string[]; message: RegExp }) => {
    const failure = run(...args);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
  },
);

test('without a server it says how to name one', async () => {
  const failure = runVerbHere(forecast, ['--data-dir', '/nowhere']);
  await expect(failure).rejects.toThrow(/--postgres or POSTGRES_URL/);
});
