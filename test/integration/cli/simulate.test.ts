import { jsonEvent } from '@eventstore/db-client';
import { simulate } from '../../../cli/simulate/simulate';
import { UsageError } from '../../../cli/verb';
import { announceProjected } from '../../../projections/writing/projected';
import { projectionWriter } from '../../../projections/writing/projection-writer';
import { readModel } from '../../../projections/projections';
import type { RecordedEvent } from '../../../domain/event-log';
import type { JobEvent } from '../../../domain/job/events';
import { startTestEventStore } from '../../support/event-store';
import { recorded, testJobId } from '../../support/job-histories';
import { dispatched, scheduled, started, succeeded, t } from '../../support/jobs';
import { createReadModel } from '../../support/read-model';
import { linesOf, runVerbHere } from '../../support/run-verb';

const run = (...args: readonly string[]) => runVerbHere(simulate, args);
const burst = ['--synthetic', 'jobs=300,pattern=burst,durationMs=1000', '--claim-latency', '0'];

test('a made-up load as a table, two sets of settings side by side, and what became of each', async () => {
  const { code, output } = await run(
    ...burst,
    '--rate',
    '1',
    '--against',
    'rate=2',
    '--minutes',
    '2',
  );
  expect(code).toBe(0);
  const [heads, first, second, rest, one, other] = output.split('\n').map((line) => line.trim());
  const cells = (line = '') => line.split(/\s+/);
  expect(cells(heads)).toEqual(
    cells(
      'minute due start finish running waiting p50 p99 max | start finish running waiting p50 p99 max',
    ),
  );
  expect(cells(first)).toEqual(
    cells(
      '2030-01-01T00:00Z 300 60 59 1 299 149000 296000 299000 | 120 118 2 299 74500 148000 149500',
    ),
  );
  expect(cells(second)[1]).toBe('0');
  expect(rest).toBe('… and 4 more minutes: --minutes 6 shows all');
  expect(one).toMatch(/^first: 300 jobs, late p50 149000 .* finished at 2030-01-01T00:05:00.000Z$/);
  expect(other).toMatch(/^against: 300 jobs, late p50 74500 /);
});

test('the same seed gives the same bytes, another one others', async () => {
  const of = async (seed: string) =>
    (await run('--synthetic', 'jobs=2000,over=10m', '--durations', 'exponential', '--seed', seed))
      .output;
  expect(await of('1')).toBe(await of('1'));
  expect(await of('1')).not.toBe(await of('2'));
});

test('JSON lines for programs', async () => {
  const lines = linesOf((await run(...burst, '--json')).output);
  expect(lines).toEqual([
    expect.objectContaining({ kind: 'minute', set: 0, at: '2030-01-01T00:00:00.000Z', due: 300 }),
    expect.objectContaining({ kind: 'total', set: 0, jobs: 300, runningPeak: 300 }),
  ]);
});

test('what waits is played with assumed durations', async () => {
  const model = await createReadModel();
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  await writer.apply(
    [0, 0, 30, 90].map((at, n) => recorded(testJobId(n), 0n, BigInt(n), scheduled({}, t(at)))),
    9n,
  );
  await session.close();
  const window = ['--from', '2026-11-23T12:00:00Z', '--to', '2026-11-23T12:01:00Z'];
  const { output } = await run(
    '--forecast',
    '--postgres',
    model.url,
    ...window,
    '--duration',
    '2s',
    '--json',
  );
  expect(linesOf(output).at(-1)).toMatchObject({
    jobs: 3,
    lastFinishedAt: '2026-11-23T12:00:32.005Z',
  });
  await model.dispose();
});

const story: readonly JobEvent[] = [scheduled(), dispatched(), started(), succeeded];

describe('what the log says that ran', () => {
  const simulated = async (events: readonly RecordedEvent[]) => {
    const store = await startTestEventStore();
    try {
      for (const { stream, type, data, metadata } of events)
        await store.client.appendToStream(
          stream,
          jsonEvent({ type, data: data as object, metadata: metadata } as Parameters<
            typeof jsonEvent
          >[0]), // of the domain
        );
      return await run('--log', '--eventstore', store.server.url, '--json');
    } finally {
      await store.close();
    }
  };
  const log = [1, 2].flatMap((job) =>
    story.map((event, n) => recorded(testJobId(job), BigInt(n), 0n, event, t(50 + n * job))),
  );

  test('is played with its due times and durations', async () => {
    const { code, output } = await simulated(log);
    expect(code).toBe(0);
    expect(linesOf(output)).toEqual([
      expect.objectContaining({
        kind: 'minute',
        at: '2026-11-23T12:00:00.000Z',
        due: 2,
        finished: 2,
      }),
      expect.objectContaining({
        kind: 'total',
        jobs: 2,
        lastFinishedAt: '2026-11-23T12:00:52.005Z',
      }),
    ]);
  });

  test('is not guessed at where a newer version has written it', async () => {
    const newer = log.map((event, n) =>
      n === 1 ? { ...event, metadata: { ...(event.metadata as object), schemaVersion: 2 } } : event,
    );
    await expect(simulated(newer)).rejects.toThrow(
      /JobDispatched v2 is newer .* upgrade this build/,
    );
  });
});

test.each`
  args                                        | message                      | why
  ${[]}                                       | ${/give one of/}             | ${'no load'}
  ${['--log', '--forecast']}                  | ${/give one of/}             | ${'two loads'}
  ${['--synthetic', 'jobs=many']}             | ${/whole number/}            | ${'no number'}
  ${['--synthetic', 'speed=9']}               | ${/none of jobs=, over=/}    | ${'no such property'}
  ${['--synthetic', 'pattern=waves']}         | ${/none of uniform/}         | ${'no such pattern'}
  ${['--synthetic', 'jobs=99999999']}         | ${/more than 20000000/}      | ${'more than fits'}
  ${[...burst, '--against', 'dispatchers=0']} | ${/whole number from 1/}     | ${'nobody to dispatch'}
  ${[...burst, '--against', 'speed=9']}       | ${/none of dispatchers=/}    | ${'no such setting'}
  ${[...burst, '--spread', '30']}             | ${/write it as 250ms/}       | ${'no unit'}
  ${[...burst, '--durations', 'normal']}      | ${/constant or exponential/} | ${'no such distribution'}
`(
  '$args is told with what to do: $why',
  async ({ args, message }: { args: string[]; message: RegExp }) => {
    const failure = run(...args);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
  },
);
