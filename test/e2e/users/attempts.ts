import { connect } from 'nats';
import { fromTimestamp, toTimestamp } from '../../../domain/time';
import type { HttpUser } from '../../support/http';
import { until } from '../../support/until';
import { stack, userOf } from './stack';

// what becomes of a job between its due time and its end, on the running product

let ada: HttpUser;
beforeAll(() => {
  ada = userOf('ada');
});

const HOUR_MS = 3_600_000;
const ran = ['JobDispatched', 'JobStarted'];
const eventsOf = async (jobId: string) =>
  (await ada.get(`/v1/jobs/${jobId}/events`)).body.events ?? [];

describe('a job that fails', () => {
  test('is tried again after the delay of its policy, and the try that works ends it', async () => {
    const jobId = await ada.schedule(Date.now(), {
      payload: { failTimes: 2 },
      retry: { maxAttempts: 5, initialDelayMs: 200, maxDelayMs: 200 },
    });
    const job = await ada.untilStatus(jobId, 'succeeded');
    expect(job).toMatchObject({ attempt: 3 });
    const failed = [...ran, 'JobAttemptFailed'];
    expect(await ada.eventTypes(jobId)).toEqual([
      ...['JobScheduled', ...failed, ...failed],
      ...[...ran, 'JobSucceeded'],
    ]);
    const events = await eventsOf(jobId);
    for (const [index, { type, data }] of events.entries())
      if (type === 'JobAttemptFailed')
        expect(events[index + 1]?.data['dueAt']).toBe(data['retryAt']);
  });

  test('for good is a dead letter; a redrive runs it again with all of its attempts', async () => {
    const jobId = await ada.schedule(Date.now(), {
      payload: { failTimes: 99 },
      retry: { maxAttempts: 2, initialDelayMs: 50 },
    });
    const dead = await ada.untilStatus(jobId, 'failed');
    expect(dead).toMatchObject({ attempt: 2, error: { code: 'asked-to-fail' } });

    const redriven = await ada.post(`/v1/jobs/${jobId}/redrive`);
    expect([redriven.status, redriven.body.status, redriven.body.attempt]).toEqual([
      200,
      'scheduled',
      1,
    ]);
    await until(
      async () => (await ada.eventTypes(jobId)).filter((type) => type === 'JobFailed').length === 2,
    );
    const twice = [...ran, 'JobAttemptFailed', ...ran, 'JobAttemptFailed', 'JobFailed'];
    expect(await ada.eventTypes(jobId)).toEqual([
      'JobScheduled',
      ...twice,
      'JobRedriven',
      ...twice,
    ]);
  });

  test('that nobody can run is a dead letter at once: another try would not help', async () => {
    const jobId = await ada.schedule(Date.now(), { location: 's3://bucket/script' });
    const job = await ada.untilStatus(jobId, 'failed');
    expect(job).toMatchObject({ attempt: 1, error: { code: 'no-handler' } });
  });
});

describe('a job that takes longer than its limit', () => {
  test('is stopped at the limit and tried again, and is a dead letter after its last attempt', async () => {
    const jobId = await ada.schedule(Date.now(), {
      payload: { sleepMs: 60_000 },
      timeoutMs: 400,
      retry: { maxAttempts: 2, initialDelayMs: 50 },
    });
    const job = await ada.untilStatus(jobId, 'failed');
    expect(job).toMatchObject({ attempt: 2, error: { code: 'timed-out' } });
    const timedOut = [...ran, 'JobAttemptFailed'];
    expect(await ada.eventTypes(jobId)).toEqual([
      ...['JobScheduled', ...timedOut, ...timedOut],
      'JobFailed',
    ]);
  });
});

describe('a job that nobody takes', () => {
  test('expires when it may not be as late as that', async () => {
    const jobId = await ada.schedule(Date.now(), { queue: 'nobody', maxLatenessMs: 300 });
    await ada.untilStatus(jobId, 'expired');
    const types = await ada.eventTypes(jobId);
    expect([types[0], types.at(-1)]).toEqual(['JobScheduled', 'JobExpired']);
    expect(types).not.toContain('JobStarted');
    const redriven = await ada.post(`/v1/jobs/${jobId}/redrive`);
    expect([redriven.status, redriven.body.type]).toEqual([409, '/problems/job-not-failed']);
  });

  test('without such a limit waits, and its message is not sent again while the broker has it', async () => {
    const jobId = await ada.schedule(Date.now(), { queue: 'nobody' });
    await ada.untilStatus(jobId, 'queued');
    const witness = await ada.schedule(Date.now(), { queue: 'nobody', maxLatenessMs: 300 });
    // by then the rescuer has looked after what is dispatched and not started
    await ada.untilStatus(witness, 'expired');
    expect(await ada.eventTypes(jobId)).toEqual(['JobScheduled', 'JobDispatched']);
    expect((await ada.post(`/v1/jobs/${jobId}/cancel`)).status).toBe(200);
  });
});

describe('a job that was dispatched and then moved', () => {
  test('is sent again at its new time at once, though the broker drops what it has seen before', async () => {
    const jobId = await ada.schedule(Date.now(), { queue: 'nobody' });
    await ada.untilStatus(jobId, 'queued');
    const moved = await ada.post(`/v1/jobs/${jobId}/reschedule`, {
      dueAt: toTimestamp(Date.now() + 200),
    });
    expect(moved.body.status).toBe('scheduled');
    await ada.untilStatus(jobId, 'queued');

    const { natsUrl } = await stack().endpoints();
    const connection = await connect({ servers: natsUrl });
    try {
      const { streams } = await connection.jetstreamManager();
      const newest = await until(async () => {
        const last = { last_by_subj: `jobs.due.nobody.${jobId}` };
        const message = await streams.getMessage('JOBS_DUE', last);
        const { data } = message.json<{ readonly data: { readonly revision: number } }>();
        return data.revision === 3 ? message.header.get('Nats-Msg-Id') : undefined;
      });
      expect(newest).toBe(`${jobId}/1/3`);
    } finally {
      await connection.close();
    }
    expect(await ada.eventTypes(jobId)).not.toContain('JobRedispatched');
  });
});

describe('run-now', () => {
  test('runs a job of next month now, and never again', async () => {
    const dueAt = Date.now() + 30 * 24 * HOUR_MS;
    const jobId = await ada.schedule(dueAt);
    const answer = await ada.post(`/v1/jobs/${jobId}/run-now`, { reason: 'the auditor asks' });
    expect([answer.status, answer.body.status]).toEqual([200, 'scheduled']);
    expect(fromTimestamp(answer.body.dueAt ?? '')).toBeLessThanOrEqual(Date.now());
    await ada.untilStatus(jobId, 'succeeded');
    const events = await eventsOf(jobId);
    expect(events.map(({ type }) => type)).toEqual([
      ...['JobScheduled', 'JobRescheduled'],
      ...[...ran, 'JobSucceeded'],
    ]);
    expect(events[1]?.data).toMatchObject({
      previousDueAt: toTimestamp(dueAt),
      reason: 'the auditor asks',
    });
  });
});

describe('abort', () => {
  test('of a running job is accepted with 202 and obeyed by an executor that listens', async () => {
    const jobId = await ada.schedule(Date.now(), { payload: { sleepMs: 60_000 } });
    await ada.untilStatus(jobId, 'running');
    const asked = await ada.post(`/v1/jobs/${jobId}/abort`, { reason: 'enough' });
    expect([asked.status, asked.body.status]).toEqual([202, 'running']);
    await ada.untilStatus(jobId, 'aborted');
    expect(await ada.eventTypes(jobId)).toEqual([
      ...['JobScheduled', ...ran],
      ...['JobAbortRequested', 'JobAborted'],
    ]);
    expect(stack().output()).not.toContain(jobId);
  });

  test('of a job that has not started is refused: cancel is the word for it', async () => {
    const jobId = await ada.schedule(Date.now() + HOUR_MS);
    const answer = await ada.post(`/v1/jobs/${jobId}/abort`);
    expect([answer.status, answer.body.type]).toEqual([409, '/problems/job-not-running']);
  });
});
