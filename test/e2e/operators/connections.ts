import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { toTimestamp } from '../../../domain/time';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

const JOBS = 150;

/** What the page promises of a whole stack, with the preset of POSTGRES_POOL_SIZE. */
const documented = (): number => {
  const page = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8');
  return Number(/needs (\d+) at most/.exec(page)?.[1]);
};

test('a stack at work keeps to the connections to Postgres that docs/operations.md has', async () => {
  const { postgresUrl } = await stack().endpoints();
  const client = new Client({ connectionString: postgresUrl, application_name: 'counting' });
  await client.connect();
  const me = userOf('me');
  const most = { all: 0, shared: 0 };
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      const { rows } = await client.query<{ all: number; shared: number }>(
        `select count(*)::int as all, (count(*) filter (where application_name = 'punctual'))::int as shared
         from pg_stat_activity
         where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      const [now] = rows;
      most.all = Math.max(most.all, now?.all ?? 0);
      most.shared = Math.max(most.shared, now?.shared ?? 0);
      await sleep(20);
    }
  })();
  const jobs = Array.from({ length: JOBS }, () => ({
    name: 'one of many',
    dueAt: toTimestamp(Date.now()),
    location: 'print:',
    tags: ['counted'],
  }));
  const { body } = await me.post('/v1/jobs/batch', { jobs });
  expect(body.results?.filter(({ status }) => status === 201)).toHaveLength(JOBS);
  const list = '/v1/jobs?limit=200&tag=counted&status=succeeded';
  await until(
    async () => {
      // many ask at once: the pool is what they wait for
      const answers = await Promise.all(Array.from({ length: 10 }, () => me.get(list)));
      return answers.every((answer) => answer.body.items?.length === JOBS);
    },
    { what: 'all of them have run' },
  );
  isOver = true;
  await counting;
  await client.end();
  expect(most.shared).toBeGreaterThan(8); // of more than one program
  expect(most.all).toBeLessThanOrEqual(documented());
});
