import { connect } from 'nats';
import { Client } from 'pg';
import { openEventStore, closeEventStore } from '../../../infra/eventstore/client';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { systemNames } from '../../../infra/system-names';
import { jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import type { HttpUser } from '../../support/http';
import { newEvent } from '../../support/new-event';
import { isLong } from '../../support/rounds';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

let me: HttpUser;
beforeAll(() => {
  me = userOf('me');
});

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

const verify = async (...flags: readonly string[]) => {
  const args = ['audit', 'verify', '--data-dir', stack().dataDir, '--json', ...flags];
  const { code, output, errors } = await runVerb(args);
  const lines = output.split('\n').filter((line) => line !== '');
  const told = lines.map((line) => JSON.parse(line) as Line); // the verb writes objects
  return { code, errors, of: (kind: string) => told.filter((line) => line.kind === kind) };
};

const HOUR_MS = 3_600_000;

/** Keeps scheduling, moving and cancelling until told to stop. @returns the stop */
const keepBusy = (): (() => Promise<number>) => {
  let isStopped = false;
  let made = 0;
  const work = async (): Promise<void> => {
    while (!isStopped) {
      const jobs = Array.from({ length: 20 }, () => ({
        name: 'busy',
        dueAt: toTimestamp(Date.now() + (made % 3 === 0 ? HOUR_MS : 300)),
        location: 'print:',
      }));
      await me.post('/v1/jobs/batch', { jobs });
      made += jobs.length;
      const waiting = await me.schedule(Date.now() + HOUR_MS);
      await me.post(`/v1/jobs/${waiting}/cancel`);
    }
  };
  const done = work();
  return async () => {
    isStopped = true;
    await done;
    return made;
  };
};

const RUNS = isLong ? 3 : 1;

test('beside a system at work nothing is found that is not there', async () => {
  const stop = keepBusy();
  for (let run = 0; run < RUNS; run += 1) {
    // it would rest beside a system that takes all of the processor, as this one does
    const { code, of, errors } = await verify('--rate', 'full');
    expect({ code, violations: of('violation'), errors }).toMatchObject({
      code: 0,
      violations: [],
    });
  }
  expect(await stop()).toBeGreaterThan(0);
  const { of } = await verify();
  const [day] = of('conservation').filter((line) => line['of'] === 'day');
  const sum = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted', 'pending'];
  expect(sum.reduce((total, column) => total + Number(day?.[column]), 0)).toBe(day?.['scheduled']);
  expect(of('summary')).toMatchObject([{ violations: 0 }]);
});

test('what was broken in log, read model and broker is found together: exit code 3', async () => {
  const { eventstoreUrl, postgresUrl, natsUrl, systemPrefix } = await stack().endpoints();
  const names = systemNames(systemPrefix);
  const jobId = await me.schedule(Date.now() + HOUR_MS);
  const missing = await me.schedule(Date.now() + HOUR_MS);
  await me.untilStatus(missing, 'scheduled');

  const client = openEventStore(eventstoreUrl);
  const early = newEvent({ attempt: 1, executorId: 'planted' }, 'JobStarted');
  const at = { ...early.metadata, at: toTimestamp(Date.now()) };
  await eventStoreLog(client, names.streams).append(
    jobStream(jobId),
    [{ ...early, metadata: at }],
    0n,
  );
  await closeEventStore(client);
  await me.untilStatus(jobId, 'running');
  const database = new Client({ connectionString: postgresUrl });
  await database.connect();
  await database.query('delete from due_jobs where job_id = $1', [missing]);
  await database.end();
  const broker = await connect({ servers: natsUrl });
  await broker
    .jetstream()
    .publish(names.broker.dueSubject('nobody', missing), '{}', { msgID: 'planted' });
  await broker.close();

  const { code, of } = await verify();
  expect(code).toBe(3);
  const found = of('violation').map(({ rule, subject }) => [rule, subject]);
  expect(found).toEqual(
    expect.arrayContaining([
      ['legal-transition', jobId],
      ['started-early', jobId],
      ['due-row-missing', missing],
      ['unbacked-message', 'planted'],
    ]),
  );

  const text = await runVerb([
    'audit',
    'verify',
    '--data-dir',
    stack().dataDir,
    '--max-violations',
    '1',
  ]);
  expect(text.code).toBe(3);
  expect(text.output).toMatch(/JobStarted, revision 1 of job-|… and \d+ more/);
  expect(text.output).toMatch(/^day +owner +scheduled +succeeded/m);
  expect(text.output).toMatch(/[1-9]\d* violations \(\d+ events\/s\)\n$/);
  const alone = await verify('--no-nats', '--no-read-model');
  expect(alone.of('violation').map(({ rule }) => rule)).not.toContain('unbacked-message');
});

test.each([
  [['--from', 'noon'], 2, 'is neither a position nor a time'],
  [['--from', '2026-11-23T10:00:00'], 2, 'a time with an offset'],
  [['--from', '5', '--to', '5'], 2, 'nothing lies between them'],
  [['--overdue-after', '5'], 2, 'is no duration: write it as'],
  [['--owners', '-1'], 2, ''],
  [['--data-dir', '/nowhere'], 2, 'give --eventstore or PUNCTUAL_EVENTSTORE_URL'],
])('wrong flags change nothing and are told: %j', async (flags, exit, message) => {
  const { code, errors } = await runVerb(['audit', 'verify', ...flags]);
  expect({ code, errors }).toMatchObject({ code: exit });
  expect(errors).toContain(message);
});

test('a log that cannot be reached proves nothing: exit code 1', async () => {
  const { code } = await runVerb([
    ...['audit', 'verify', '--eventstore', 'esdb://127.0.0.1:1?tls=false'],
    ...['--no-nats', '--no-read-model'],
  ]);
  expect(code).toBe(1);
});

test('an unknown verb under audit is told with those that there are', async () => {
  const { code, errors } = await runVerb(['audit', 'nothing']);
  expect(code).toBe(2);
  expect(errors).toContain('verify');
});
