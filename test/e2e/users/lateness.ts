import { fromTimestamp } from '../../../domain/time';
import { userOf } from './stack';

test('how late a job started is told by its minute to its owner and to operators, and to no other user', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now());
  const { dueAt, latenessMs, revision } = await me.untilStatus(jobId, 'succeeded');
  const minute = new Date(Math.floor(fromTimestamp(dueAt) / 60_000) * 60_000).toISOString();
  const { body: history } = await me.get(`/v1/jobs/${jobId}/events`);
  const position = history.events?.find((event) => event.revision === revision)?.position ?? '';
  const next = new Date(Date.parse(minute) + 60_000).toISOString();
  const lateness = `/v1/lateness?from=${minute}&to=${next}&after=${position}`;
  expect((await me.get(lateness)).body).toMatchObject({
    step: 'minute',
    buckets: [{ at: minute, starts: 1, maxMs: latenessMs }],
  });
  expect(
    (await me.get(`/v1/lateness?from=${minute}&after=${position}&step=day`)).body,
  ).toMatchObject({
    buckets: [{ at: `${minute.slice(0, 10)}T00:00:00.000Z`, starts: 1, maxMs: latenessMs }],
  });
  expect((await userOf('bob').get(lateness)).body).toMatchObject({ buckets: [] });
  const all = (await userOf('olga').get(lateness)).body;
  expect(all).toMatchObject({ buckets: [{ at: minute }] });
  expect((await userOf('olga').get(`${lateness}&ownerId=me`)).body).toMatchObject({
    buckets: [{ at: minute, starts: 1 }],
  });
});
