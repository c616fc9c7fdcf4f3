import { isDeepStrictEqual } from 'node:util';
import { until } from '../../support/until';
import { linesOf } from '../../support/run-verb';
import { runVerb } from '../../support/verb';
import { CROWDED_MINUTE_JOBS, stack, userOf } from './stack';

/** Nobody else has jobs in it. */
const minute = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 20 * 3_600_000).toISOString();

test('a minute that fills up is warned of by the running product, and forecast over HTTP and at a terminal', async () => {
  const cyd = userOf('cyd');
  const job = { name: 'a', dueAt: minute, location: 'print:' };
  const first = await cyd.post('/v1/jobs', job);
  expect(first.body).not.toHaveProperty('warnings');
  // users are told of more than they could count by: at 1.5 times as many at the latest
  const jobs = Array.from({ length: 2 * CROWDED_MINUTE_JOBS }, () => job);
  const { body } = await cyd.post('/v1/jobs/batch', { jobs });
  const forecast = `/v1/forecast?from=${minute}&after=${body.results?.at(-1)?.job?.position ?? ''}`;
  expect((await cyd.get(forecast)).body).toMatchObject({
    buckets: [{ at: minute, jobs: jobs.length + 1 }],
  });
  const bob = userOf('bob');
  expect((await bob.get(forecast)).body).toMatchObject({ buckets: [] });
  // a repeated request is not counted again, so in the end it is the read model's count that warns
  const moved = await cyd.schedule(Date.parse(minute) + 3_600_000);
  const key = { 'idempotency-key': 'moved-once' };
  const move = () => cyd.post(`/v1/jobs/${moved}/reschedule`, { dueAt: minute }, key);
  // the first answer warns of what the API itself has counted, which the read model may not have yet
  const { body: movedJob } = await move();
  await cyd.get(`/v1/forecast?from=${minute}&after=${movedJob.position ?? ''}`);
  const operator = userOf('operator');
  const seenBy = async ({ get }: typeof cyd) =>
    (await get(`/v1/crowding?dueAt=${minute}`)).body.warnings;
  await until(async () =>
    isDeepStrictEqual(await seenBy(operator), [
      { code: 'crowded-minute', minute, jobs: jobs.length + 2, capacity: CROWDED_MINUTE_JOBS },
    ]),
  );
  const crowded = {
    ...{ code: 'crowded-minute', minute, isCoarse: true },
    ...{ jobs: CROWDED_MINUTE_JOBS, capacity: CROWDED_MINUTE_JOBS },
  };
  expect((await move()).body.warnings).toEqual([crowded]);
  expect(await seenBy(bob)).toEqual([crowded]);
  const { output } = await runVerb(['forecast', '--data-dir', stack().dataDir, '--json']);
  expect(linesOf(output)).toContainEqual({ kind: 'bucket', at: minute, jobs: jobs.length + 2 });
});
