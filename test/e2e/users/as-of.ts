import { Client } from 'pg';
import type { Story } from '../../../domain/audit/story';
import type { JobView } from '../../../domain/job/view';
import type { HttpUser } from '../../support/http';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

const HOUR_MS = 3_600_000;
/** Has no other jobs. */
const OWNER = 'eve';

let database: Client;
let [eve, olga, bob]: HttpUser[] = [];
const user = (one: HttpUser | undefined): HttpUser => {
  if (!one) throw new Error('the stack is not up');
  return one;
};
beforeAll(async () => {
  [eve, olga, bob] = [OWNER, 'olga', 'bob'].map(userOf);
  database = new Client({ connectionString: (await stack().endpoints()).postgresUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
});

const punctual = (...args: readonly string[]) => runVerb([...args, '--data-dir', stack().dataDir]);

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };
const linesOf = (output: string): readonly Line[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line); // what --json prints

/** A job that was moved and then cancelled, with the log position of each of the three. */
const changedJob = async (tag = 'as-of') => {
  const dueAt = Date.now() + HOUR_MS;
  const later = new Date(dueAt + HOUR_MS).toISOString();
  const first = await user(eve).post('/v1/jobs', {
    name: 'changed',
    dueAt: new Date(dueAt).toISOString(),
    location: 'print:',
    tags: [tag],
    payload: { n: 1 },
  });
  const jobId = first.body.jobId ?? '';
  const path = `/v1/jobs/${jobId}`;
  const moved = await user(eve).post(`${path}/reschedule`, { dueAt: later, reason: 'not yet' });
  const cancelled = await user(eve).post(`${path}/cancel`, { reason: 'no need' });
  const [scheduledAt = '', movedAt = '', cancelledAt = ''] = [first, moved, cancelled].map(
    ({ body }) => body.position,
  );
  return { jobId, path, scheduledAt, movedAt, cancelledAt };
};

/** Before all other tests on the stack: a block of snapshots is written when it is a minute old. */
let changedAtFirst: Awaited<ReturnType<typeof changedJob>>;
beforeAll(async () => {
  changedAtFirst = await changedJob('at-first');
});

test('over HTTP a job, its history, its story and lists are told as they stood', async () => {
  const { jobId, path, scheduledAt, movedAt, cancelledAt } = await changedJob();
  const before = String(BigInt(scheduledAt) - 1n);
  const statusAt = async (position: string) =>
    (await user(eve).get(`${path}?asOf=${position}`)).body.status;
  expect(await statusAt(movedAt)).toBe('scheduled');
  expect(await statusAt(cancelledAt)).toBe('cancelled');
  const then = await user(eve).get(`${path}?asOf=${scheduledAt}`);
  expect(then.body).toMatchObject({ revision: 0, payload: { n: 1 } });
  expect(then.headers.get('etag')).toBeNull();
  for (const rest of ['', '/events', '/story'])
    expect((await user(eve).get(`${path}${rest}?asOf=${before}`)).status).toBe(404);

  const { body: history } = await user(eve).get(`${path}/events?asOf=${movedAt}`);
  expect(history.events?.map(({ type }) => type)).toEqual(['JobScheduled', 'JobRescheduled']);

  const listAt = async (asOf: string, who = eve) =>
    (await user(who).get(`/v1/jobs?tag=as-of&asOf=${asOf}`)).body.items?.map((job) => [
      job.jobId,
      job.status,
    ]);
  expect(await listAt(before)).toEqual([]);
  expect(await listAt(movedAt)).toEqual([[jobId, 'scheduled']]);
  expect(await listAt(cancelledAt)).toEqual([[jobId, 'cancelled']]);
  expect(await listAt(cancelledAt, bob)).toEqual([]);
  expect(await listAt(cancelledAt, olga)).toEqual([[jobId, 'cancelled']]);

  const now = new Date().toISOString();
  const live = await user(eve).get(`/v1/jobs?after=${cancelledAt}`);
  expect((await user(eve).get(`/v1/jobs?asOf=${now}`)).body).toEqual(live.body);
});

test('the story over HTTP says why a job did not run, and nothing to whom it does not belong', async () => {
  const { path } = await changedJob();
  // the story is no part of what all answers have in common
  const story = (await user(eve).get(`${path}/story`)).body as unknown as Story;
  expect(story.verdict).toMatchObject({ ran: 'no', status: 'cancelled' });
  expect(story.verdict.why).toMatch(
    /^It did not run: user eve cancelled it at .*before its start, because "no need"\.$/,
  );
  expect(story.steps.map(({ type }) => type)).toEqual([
    'JobScheduled',
    'JobRescheduled',
    'JobCancelled',
  ]);
  expect((await user(bob).get(`${path}/story`)).status).toBe(404);
  expect((await user(olga).get(`${path}/story`)).status).toBe(200);
});

test('a job that ran tells by whom and how punctually', async () => {
  const jobId = await user(eve).schedule(Date.now() + 300);
  await user(eve).untilStatus(jobId, 'succeeded');
  const { code, output } = await punctual('audit', 'job', jobId);
  expect(code).toBe(0);
  expect(output).toMatch(/: succeeded\. Attempt 1 ran (on time|late)/);
  expect(output).toMatch(/The dispatcher sent attempt 1 to queue default/);
  expect(output).toMatch(/Executor \S+ claimed attempt 1/);
  const json = await punctual('audit', 'job', jobId, '--json');
  expect(linesOf(json.output)).toMatchObject([
    { kind: 'story', jobId, verdict: { status: 'succeeded' } },
  ]);
});

test('on the command line the same is told, as text and as JSON lines', async () => {
  const { jobId, scheduledAt, movedAt, cancelledAt } = await changedJob();
  const job = await punctual('as-of', 'job', jobId, '--at', movedAt);
  expect(job).toMatchObject({ code: 0, errors: '' });
  expect(job.output).toMatch(/^status +scheduled$/m);

  const history = await punctual('as-of', 'history', jobId, '--at', movedAt, '--json');
  expect(linesOf(history.output).map(({ type }) => type)).toEqual([
    'JobScheduled',
    'JobRescheduled',
  ]);

  const listed = async (...args: readonly string[]) => {
    const { code, output, errors } = await punctual('as-of', 'list', ...args, '--json');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return output === '' ? [] : (linesOf(output) as unknown as readonly JobView[]); // jobs are told
  };
  const atEnd = ['--at', cancelledAt, '--tag', 'as-of', '--owner', OWNER];
  expect((await listed(...atEnd, '--limit', '1')).map((one) => one.jobId)).toEqual([jobId]);
  expect(await listed(...atEnd, '--q', 'HANGE', '--limit', '1')).toHaveLength(1);
  for (const none of [
    ['--status', 'running'],
    ['--q', 'another name'],
    ['--schedule', jobId],
  ])
    expect(await listed(...atEnd, ...none)).toEqual([]);
  expect(await listed('--at', String(BigInt(scheduledAt) - 1n), '--queue', 'none')).toEqual([]);

  const table = await punctual('as-of', 'list', ...atEnd);
  expect(table.output).toMatch(/^DUE +STATUS +ATTEMPT +QUEUE +OWNER +JOB +NAME$/m);
  expect(table.output).toMatch(new RegExp(`cancelled .*${OWNER} +${jobId} +"changed"$`, 'm'));
});

test('what differs between two moments is told over HTTP and on the command line, to nobody but its owner and operators', async () => {
  const { jobId, movedAt, scheduledAt, cancelledAt } = await changedJob('compared');
  const before = String(BigInt(scheduledAt) - 1n);
  type Told = { readonly counts?: object; readonly items?: readonly object[] };
  const compare = async (who: HttpUser | undefined, from: string, to: string) =>
    (await user(who).get(`/v1/jobs/differences?tag=compared&asOf=${from}&with=${to}`))
      .body as unknown as Told; // an answer of its own
  const none = { appeared: 0, left: 0, 'status-changed': 0, moved: 0 };
  expect(await compare(eve, scheduledAt, movedAt)).toMatchObject({
    counts: { ...none, moved: 1 },
    items: [{ jobId, change: 'moved', before: { status: 'scheduled' } }],
  });
  for (const who of [eve, olga]) {
    const answer = await compare(who, before, cancelledAt);
    expect(answer).toMatchObject({ counts: { ...none, appeared: 1 }, items: [{ jobId }] });
    expect(answer.items?.[0]).not.toHaveProperty('before');
  }
  expect(await compare(bob, before, cancelledAt)).toMatchObject({ counts: none, items: [] });
  const counted = async (who: HttpUser | undefined) =>
    (await user(who).get(`/v1/jobs/counts?tag=compared&asOf=${movedAt}`)).body as object;
  expect(await counted(eve)).toMatchObject({ counts: { scheduled: 1, cancelled: 0 } });
  expect(await counted(bob)).toMatchObject({ counts: { scheduled: 0, cancelled: 0 } });

  const args = ['as-of', 'diff', '--at', movedAt, '--with', cancelledAt, '--tag', 'compared'];
  const text = await punctual(...args);
  expect(text).toMatchObject({ code: 0, errors: '' });
  expect(text.output).toMatch(/^0 appeared, 0 left, 1 status-changed, 0 moved$/m);
  expect(text.output).toMatch(
    new RegExp(`^status-changed +scheduled, due .* +cancelled, due .*${jobId} +"changed"$`, 'm'),
  );
  const lines = linesOf((await punctual(...args, '--json', '--status', 'scheduled')).output);
  expect(lines).toMatchObject([
    { kind: 'counts', left: 1 },
    { kind: 'difference', jobId, change: 'left', after: { status: 'cancelled' } },
  ]);
  const others = await punctual(...args, '--owner', 'bob', '--json');
  expect(linesOf(others.output)).toMatchObject([{ kind: 'counts', ...none }]);
});

test('dead letters of the past are told by cause as they were before they were run again, over HTTP and on the command line', async () => {
  const jobId = await user(eve).schedule(Date.now(), {
    ...{ name: 'died then', payload: { failTimes: 9 }, retry: { maxAttempts: 1 } },
  });
  const { finishedAt: first } = await user(eve).untilStatus(jobId, 'failed');
  const then = new Date().toISOString();
  await user(eve).post(`/v1/jobs/${jobId}/redrive`, {});
  await until(async () => {
    const { body } = await user(eve).get(`/v1/jobs/${jobId}`);
    return body.status === 'failed' && body.finishedAt !== first;
  });
  const causes = async (who: HttpUser | undefined, query = '') =>
    ((await user(who).get(`/v1/dead-letters${query}`)).body as { causes?: readonly object[] })
      .causes;
  const last = { jobId, ownerId: OWNER, name: 'died then' };
  const died = { errorCode: 'asked-to-fail', jobs: 1, lastAt: first, last };
  expect(await causes(eve, `?asOf=${then}`)).toMatchObject([died]);
  expect(await causes(eve)).not.toMatchObject([died]);
  expect(await causes(eve, `?asOf=${new Date().toISOString()}`)).toEqual(await causes(eve));
  const bobs = JSON.stringify(await causes(bob, `?asOf=${then}`));
  expect(bobs).not.toContain(jobId);

  const args = ['as-of', 'dead-letters', '--at', then, '--owner', OWNER];
  expect(linesOf((await punctual(...args, '--json')).output)).toMatchObject([died]);
  expect((await punctual(...args)).output).toMatch(/^"asked-to-fail" +default +1 /m);
});

test('webhooks of the past are told where they were, over HTTP and on the command line, never with a secret, to nobody else', async () => {
  const url = (at: string) => ({
    ...{ url: `https://hooks.example.${at}/`, eventTypes: ['job.failed'], tags: ['none-has-it'] },
  });
  const { body } = await user(eve).post('/v1/webhooks', url('com'));
  const { webhookId, secret = '' } = body as { webhookId?: string; secret?: string };
  const then = new Date().toISOString();
  const changed = await user(eve).put(`/v1/webhooks/${webhookId}`, url('org'));
  const listed = async (who: HttpUser | undefined, query: string) =>
    (await user(who).get(`/v1/webhooks?after=${changed.body.position}${query}`)).body.items;
  expect(await listed(eve, '')).toMatchObject([url('org')]);
  const stood = { webhookId, ...url('com'), status: 'active' };
  expect(await listed(eve, `&asOf=${then}`)).toMatchObject([stood]);
  expect(await listed(bob, `&asOf=${then}`)).toEqual([]);
  const told = [
    await punctual('as-of', 'webhook', webhookId ?? '', '--at', then, '--json'),
    await punctual('as-of', 'webhooks', '--at', then, '--owner', OWNER, '--json'),
  ];
  for (const { output } of told) {
    expect(linesOf(output)).toMatchObject([stood]);
    expect(output).not.toContain('secret');
  }
  expect(secret).toMatch(/^whsec_/);
  await user(eve).remove(`/v1/webhooks/${webhookId}`);
});

test.each([
  [['as-of', 'job', 'no-id', '--at', '1'], 2, 'is no job id'],
  [['as-of', 'job', '00000000-0000-7000-8000-000000000000'], 2, '--at is missing'],
  [['as-of', 'list', '--at', '2100-01-01T00:00:00Z'], 2, 'has not come yet'],
  [['as-of', 'list', '--at', 'yesterday'], 2, 'neither an RFC 3339 time'],
  [['as-of', 'list', '--at', '1', '--status', 'lost'], 2, 'is none of scheduled, queued'],
  [['as-of', 'list', '--at', '1', '--schedule', 'weekly'], 2, 'is no UUID'],
  [['as-of', 'list', '--at', '1', '--limit', '0'], 2, 'is no whole number'],
  [['as-of', 'list', '--at', '1', '--from', 'noon'], 2, 'is no timestamp with an offset'],
  [['as-of', 'schedules', '--at', '1', '--status', 'lost'], 2, 'is none of active, paused'],
  [['as-of', 'schedules', '--at', '1', '--tag', 'x'], 2, '--tag is for jobs'],
  [['as-of', 'operations', '--at', '1', '--status', 'lost'], 2, 'is none of selecting, running'],
  [['as-of', 'operations', '--at', '1', '--q', 'x'], 2, '--q is for jobs'],
  [
    ['as-of', 'operation', '00000000-0000-7000-8000-000000000000', '--at', '1'],
    4,
    'was no operation',
  ],
  [['as-of', 'dead-letters', '--at', '1', '--status', 'failed'], 2, '--status is for jobs'],
  [['as-of', 'diff', '--at', '1', '--change', 'lost'], 2, 'is none of appeared, left'],
  [['as-of', 'diff', '--at', '1', '--with', 'then'], 2, 'neither an RFC 3339 time'],
  [['as-of', 'list', '--at', '1', '--with', '2'], 2, '--with is for differences'],
  [['as-of', 'everything'], 2, 'say what to tell'],
  [['audit', 'nothing'], 2, 'there is no verb "nothing"'],
  [['as-of', 'job', '00000000-0000-7000-8000-000000000000', '--at', '1'], 4, 'there was no job'],
  [
    ['as-of', 'history', '00000000-0000-7000-8000-000000000000', '--at', '1'],
    4,
    'there was no job',
  ],
  [['audit', 'job', '00000000-0000-7000-8000-000000000000'], 4, 'there is no job'],
])('punctual %j ends with %i and says why', async (args, code, said) => {
  const told = await punctual(...args);
  expect(told).toMatchObject({ code, output: '' });
  expect(told.errors).toContain(said);
});

test('lists of the past begin with the snapshots that the archivist keeps by itself', async () => {
  const { jobId, cancelledAt } = changedAtFirst;
  await until(
    async () => {
      // a block that is old enough ends with what comes next
      await user(bob).schedule(Date.now() + HOUR_MS);
      const { rowCount } = await database.query(
        'select from snapshot_blocks where end_position >= $1',
        [cancelledAt],
      );
      return rowCount;
    },
    { timeoutMs: 120_000, what: 'the archivist has written a block' },
  );
  // nobody but a list that begins with snapshots can know this name
  await database.query(
    `update job_snapshots set state = replace(state, '"changed"', '"as a snapshot has it"')
     where job_id = $1`,
    [jobId],
  );
  const { rows } = await database.query<{ end: string }>(
    'select max(end_position) as end from snapshot_blocks',
  );
  const { body } = await user(eve).get(`/v1/jobs?tag=at-first&asOf=${rows[0]?.end ?? ''}`);
  expect(body.items?.find((job) => job.jobId === jobId)).toMatchObject({
    name: 'as a snapshot has it',
    status: 'cancelled',
  });
});
