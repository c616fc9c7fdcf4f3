import { Client } from 'pg';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

test('a job is found by a part of its name, before and after the index of searches has taken it in by itself', async () => {
  const bob = userOf('bob');
  const { body } = await bob.post('/v1/jobs', {
    name: 'Zürich 报告 100%',
    dueAt: new Date(Date.now() + 3_600_000).toISOString(),
    location: 'print:',
  });
  const { jobId = '', position = '' } = body;
  const found = async (q: string, query = '') =>
    (await bob.get(`/v1/jobs?q=${encodeURIComponent(q)}${query}`)).body.items?.map(
      (job) => job.jobId,
    );
  expect(await found('zür', `&after=${position}`)).toEqual([jobId]);

  const database = new Client({ connectionString: (await stack().endpoints()).postgresUrl });
  await database.connect();
  try {
    await until(
      async () =>
        (await database.query('select from search_jobs where job_id = $1', [jobId])).rowCount,
      { timeoutMs: 60_000, what: 'the index has the job' },
    );
  } finally {
    await database.end();
  }
  expect(await found('报')).toEqual([jobId]);
  expect(await found('100%')).toEqual([jobId]);
  expect(await found('100_')).toEqual([]);
  expect((await bob.post(`/v1/jobs/${jobId}/cancel`, {})).status).toBe(200);
}, 90_000);
