import { join } from 'node:path';
import { ensureDatabase } from '../../../embedded/database';
import { allJobs } from '../../support/all-jobs';
import { httpUser, type HttpUser } from '../../support/http';
import { startProgramBeside } from '../../support/program';
import { startRunningStack, type RunningStack } from '../../support/running-stack';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack } from './stack';

// two whole systems on one event store and one broker, as docs/operations.md says; the first has no prefix

const JOBS = 20;
const PREFIX = 'acme';

describe('two systems', () => {
  let first: RunningStack;
  let second: RunningStack;

  beforeAll(async () => {
    first = stack();
    const { eventstoreUrl, postgresUrl, natsUrl } = await first.endpoints();
    second = await startRunningStack({
      env: {
        PUNCTUAL_EVENTSTORE_URL: eventstoreUrl,
        PUNCTUAL_POSTGRES_URL: await ensureDatabase(postgresUrl, PREFIX),
        PUNCTUAL_NATS_URL: natsUrl,
        PUNCTUAL_SYSTEM_PREFIX: PREFIX,
        PUNCTUAL_ARCHIVE_EVERY_MS: '500',
      },
    });
  });
  afterAll(async () => {
    await second.stop();
  }, 300_000);

  const inBoth = { tags: ['in-both'] };
  const userOf = ({ httpUrl, keyOf }: RunningStack, name = 'me'): HttpUser =>
    httpUser(httpUrl, keyOf(name));

  /** Of these jobs, those that ran in the executor of a stack, as often as they ran. */
  const ranIn = (stack: RunningStack, jobIds: readonly string[]): readonly string[] =>
    [...stack.output().matchAll(/^me (\S+)$/gm)]
      .map(([, jobId = '']) => jobId)
      .filter((jobId) => jobIds.includes(jobId))
      .sort();

  const body = (name: string, dueAtMs: number) => ({
    name,
    dueAt: new Date(dueAtMs).toISOString(),
    location: 'print:',
    ...inBoth,
  });

  const scheduleIn = async (stack: RunningStack): Promise<readonly string[]> => {
    const me = userOf(stack);
    const dueAtMs = Date.now() + 2_000;
    const keyed = { 'idempotency-key': 'the-same-in-both' };
    const { body: one } = await me.post('/v1/jobs', body('keyed', dueAtMs), keyed);
    const others = await Promise.all(
      Array.from({ length: JOBS - 1 }, (_, n) => me.schedule(dueAtMs + 20 * n, inBoth)),
    );
    return [one.jobId ?? '', ...others].sort();
  };

  test('each job runs once, in an executor of its own system, even where both have one of the same id', async () => {
    const [ids, acmeIds] = await Promise.all([scheduleIn(first), scheduleIn(second)]);
    expect(ids.filter((id) => acmeIds.includes(id))).toHaveLength(1);
    for (const [stack, own] of [
      [first, ids],
      [second, acmeIds],
    ] as const) {
      const me = userOf(stack);
      for (const jobId of own) await me.untilStatus(jobId, 'succeeded');
      const { body: list } = await me.get('/v1/jobs?limit=100&tag=in-both');
      expect(list.items?.map(({ jobId }) => jobId).sort()).toEqual(own);
    }
    const all = [...ids, ...acmeIds];
    await until(() => ranIn(first, all).length >= JOBS && ranIn(second, all).length >= JOBS, {
      what: 'all of them are printed',
    });
    expect(ranIn(first, all)).toEqual(ids);
    expect(ranIn(second, all)).toEqual(acmeIds);
  });

  test('a tool on the data folder of a system sees that system, sealed and sound', async () => {
    for (const stack of [first, second]) {
      const key = join(stack.dataDir, 'log-seal-key.pub.pem');
      const flags = ['--data-dir', stack.dataDir, '--rate', 'full', '--json'];
      const verified = () =>
        runVerb(['audit', 'verify', '--seal', '--public-key', key, ...flags]).then(
          ({ code, output, errors }) => ({
            ...{ code, errors },
            summary:
              output.split('\n').find((line) => line.startsWith('{"kind":"summary"')) ?? '{}',
            seals: output,
          }),
        );
      await until(async () => (await verified()).seals.includes('"notSealedYet":0'), {
        timeoutMs: 120_000,
      });
      const { code, errors, summary } = await verified();
      expect({ code, errors }).toMatchObject({ code: 0 });
      const { size: jobs } = await allJobs(userOf(stack, 'operator'));
      expect(JSON.parse(summary)).toMatchObject({ jobs, violations: 0, foreignEvents: 0 });
    }
  }, 300_000);

  test('doctor and replay on one system find it well and leave the other alone', async () => {
    const flags = ['--data-dir', second.dataDir];
    const examined = await runVerb(['doctor', ...flags]);
    expect(examined).toMatchObject({ code: 0 });
    expect(examined.output).toContain(`the stream ${PREFIX}_JOBS_DUE`);
    const replayed = await runVerb(['replay', '--rate', 'full', '--json', ...flags]);
    expect(replayed).toMatchObject({ code: 0 });
    const { body } = await userOf(first).get('/v1/jobs?limit=100&tag=in-both');
    expect(body.items).toHaveLength(JOBS);
  }, 300_000);

  test('a tool over HTTP is of the system that it is asked of', async () => {
    const response = await fetch(`${second.httpUrl}/v1/tools/verify`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${second.keyOf('operator')}`,
        'content-type': 'application/json',
      },
      body: '{}',
    });
    const text = await response.text();
    expect(text).toContain('"violations":0');
    expect(text).toContain(`"jobs":${JOBS}`);
  }, 300_000);

  test('an executor that is started on the data folder of a system serves that system', async () => {
    const flags = { PROCESSES: 'executor', EXECUTOR_QUEUE: 'beside' };
    const executor = await startProgramBeside(second, flags);
    const [its, ours] = await Promise.all(
      [first, second].map((stack) => userOf(stack).schedule(Date.now(), { queue: 'beside' })),
    );
    await until(() => executor.output().includes(`me ${ours}\n`));
    expect(await executor.stop()).toBe(0);
    expect(executor.output()).not.toContain(its);
  }, 300_000);
});
