import { httpUser } from '../support/http';
import { startRunningStack, type RunningStack } from '../support/running-stack';
import { until } from '../support/until';
import { linesOf } from '../support/run-verb';
import { runVerb } from '../support/verb';

let stack: RunningStack;
beforeAll(async () => {
  stack = await startRunningStack({
    env: { CROWDED_MINUTE_JOBS: '2', CROWDED_REFRESH_MS: '100' },
  });
}, 120_000);
afterAll(async () => {
  await stack.stop();
});

/** A minute that lies ahead for the whole test. */
const minute = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000).toISOString();

test('a minute that fills up is warned of by the running product, and forecast over HTTP and at a terminal', async () => {
  const ada = httpUser(stack.httpUrl, stack.keyOf('ada'));
  const job = { name: 'a', dueAt: minute, location: 'print:' };
  const first = await ada.post('/v1/jobs', job);
  expect(first.body).not.toHaveProperty('warnings');
  const jobs = [job, job, job];
  const { body } = await ada.post('/v1/jobs/batch', { jobs });
  const forecast = `/v1/forecast?from=${minute}&after=${body.results?.at(-1)?.job?.position ?? ''}`;
  expect((await ada.get(forecast)).body).toMatchObject({ buckets: [{ at: minute, jobs: 4 }] });
  const bob = httpUser(stack.httpUrl, stack.keyOf('bob'));
  expect((await bob.get(forecast)).body).toMatchObject({ buckets: [] });
  // a repeated request is not counted again, so in the end it is the read model's count that warns
  const moved = await ada.schedule(Date.parse(minute) + 3_600_000);
  await until(async () => {
    const key = { 'idempotency-key': 'moved-once' };
    const answer = await ada.post(`/v1/jobs/${moved}/reschedule`, { dueAt: minute }, key);
    return answer.body.warnings?.[0]?.jobs === 5;
  });
  const { output } = await runVerb(['forecast', '--data-dir', stack.dataDir, '--json']);
  expect(linesOf(output)).toContainEqual({ kind: 'bucket', at: minute, jobs: 5 });
}, 60_000);
