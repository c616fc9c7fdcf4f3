import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import supertest from 'supertest';
import { problemCatalogue } from '../../../api/http/problem-catalogue';
import type { RunTool } from '../../../api/routes/tools/run-tool';
import {
  apiUnderTest,
  bearer,
  fakeHistory,
  keys,
  listening,
  viewFor,
  told,
} from './api-under-test';
import { bulkOperationsInMemory } from './bulk-operations-in-memory';
import { rightSchedule, schedulesInMemory } from './schedules-in-memory';
import { theDelivery } from './webhooks-in-memory';

const pageOf = (name: string): string =>
  readFileSync(join(__dirname, '../../../docs', name), 'utf8');

/** Without ~/.bashrc, which bash reads when its stdin is a socket, as a child's is: a second for each line. */
const shell = (script: string, env: NodeJS.ProcessEnv) =>
  promisify(execFile)('bash', ['--norc', '-c', `set -euo pipefail\n${script}`], {
    env: { PATH: process.env['PATH'], ...env },
  });

test('docs/errors.md tells the catalogue: every row of it and no other', () => {
  const told = pageOf('errors.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const rows = Object.entries(problemCatalogue).map(
    ([code, { status, title, detail }]) => `| \`${code}\` | ${status} | ${title} | ${detail} |`,
  );
  expect(told).toEqual(rows);
});

describe('docs/http.md', () => {
  const view = viewFor('alice');
  const verdict = { ran: 'not-yet', status: 'scheduled', why: '' } as const;
  let server: Awaited<ReturnType<typeof listening>>;
  /** What the lines of a page need to know. */
  const made = {
    ...{ SCHEDULE: '', OCCURRENCE: '', OPERATION: '', WEBHOOK: '' },
    DELIVERY: theDelivery.deliveryId,
  };
  beforeAll(async () => {
    const one = () => Promise.resolve(view);
    const list = () => Promise.resolve({ items: [view] });
    const history = fakeHistory({
      events: () => Promise.resolve([]),
      stateAsOf: () => Promise.resolve(view),
      story: () =>
        Promise.resolve({ jobId: view.jobId, verdict, steps: [], attempts: [], text: '' }),
    });
    const jobs = { one, list, countPending: () => Promise.resolve(0) };
    const runTool: RunTool = async (_args, onLine) => {
      await onLine('{"kind":"end"}');
      return 0;
    };
    const clock = { now: Date.now };
    const { schedules } = schedulesInMemory(clock);
    const { bulkOperations, carryOn } = bulkOperationsInMemory(clock);
    server = await listening(
      apiUnderTest({ jobs, history, runTool, clock, schedules, bulkOperations }),
    );
    const answer = await supertest(server.url)
      .post('/v1/schedules')
      .set('authorization', bearer(keys.alice))
      .send({ ...rightSchedule, timing: { cron: '0 * * * *' }, timeZone: 'UTC' });
    const { scheduleId, next } = told(answer).body as {
      scheduleId: string;
      next: { occurrenceAt: string }[];
    };
    made.SCHEDULE = scheduleId;
    const registered = await supertest(server.url)
      .post('/v1/webhooks')
      .set('authorization', bearer(keys.alice))
      .send({ url: 'https://example.com/hooks', eventTypes: ['job.failed'] });
    made.WEBHOOK = (told(registered).body as { webhookId: string }).webhookId;
    made.OCCURRENCE = next.at(-1)?.occurrenceAt ?? '';
    const started = await supertest(server.url)
      .post('/v1/operations')
      .set('authorization', bearer(keys.alice))
      .send({ kind: 'move', jobIds: [view.jobId], by: 'PT1H' });
    made.OPERATION = (told(started).body as { operationId: string }).operationId;
    // one that was stopped can be stopped again, and undone
    await carryOn(made.OPERATION, { type: 'StopOperation' });
    await carryOn(made.OPERATION, { type: 'RecordProgress', batch: 0, outcomes: ['changed'] });
  });
  afterAll(() => server.close());

  const lines = pageOf('http.md')
    .split('\n')
    .filter((line) => line.includes('curl -sS'));

  test.each(lines)('%s', async (line) => {
    // a refusal fails the line; the id is what an earlier line has set
    const script = line.replaceAll('curl -sS', 'curl -sS --fail-with-body');
    const name = /^([A-Z]+)=/.exec(line)?.[1];
    const { stdout } = await shell(name === undefined ? script : `${script}\necho "$${name}"`, {
      URL: server.url,
      KEY: keys.alice,
      OPERATOR: keys.operator,
      JOB: view.jobId,
      ...made,
    });
    expect(stdout).not.toBe('');
  });

  test('has a line for every operation', async () => {
    const { body } = told(await supertest(server.url).get('/openapi.json'));
    const { paths } = body as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths))
      for (const method of Object.keys(operations)) {
        const asWritten = path
          .replace('{jobId}', '$JOB')
          .replace('{scheduleId}', '$SCHEDULE')
          .replace('{occurrenceAt}', '$OCCURRENCE')
          .replace('{operationId}', '$OPERATION')
          .replace('{webhookId}', '$WEBHOOK')
          .replace('{deliveryId}', '$DELIVERY');
        const place = `"$URL${asWritten}`;
        const verb =
          method === 'get' ? /^curl -sS (?!-X)/ : new RegExp(`^curl -sS -X ${method} `, 'i');
        const isTold = lines.some(
          (line) => verb.test(line) && (line.includes(`${place}"`) || line.includes(`${place}?`)),
        );
        expect({ method, path, isTold }).toEqual({ method, path, isTold: true });
      }
  });
});
