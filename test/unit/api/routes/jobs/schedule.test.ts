import supertest from 'supertest';
import type { CommandRejection, JobAnswer } from '../../../../../commands/answers';
import { uuids } from '../../../../../infra/ids';
import {
  accepted,
  apiUnderTest,
  bearer,
  DUE,
  fakeCommands,
  jobOf,
  keys,
  rightBody,
  told,
} from '../../api-under-test';

const post = (
  body: object,
  headers: Readonly<Record<string, string>> = {},
  fakes: ReturnType<typeof fakeCommands> = fakeCommands(),
) =>
  supertest(apiUnderTest({ commands: fakes.commands }).app)
    .post('/v1/jobs')
    .set({ authorization: bearer(keys.alice), ...headers })
    .send(body);

const answering = (answer: JobAnswer) => fakeCommands(() => Promise.resolve(answer));
const refusing = (rejection: CommandRejection) => answering({ outcome: 'rejected', rejection });

test('a scheduled job answers with the job, where it is, its revision and a position to wait for', async () => {
  const jobId = uuids.next();
  const { status, headers, body } = told(
    await post(rightBody, {}, answering(accepted(jobOf('alice'), { jobId, position: 2n ** 60n }))),
  );
  expect(status).toBe(201);
  expect(headers).toMatchObject({ location: `/v1/jobs/${jobId}`, etag: '"0"' });
  expect(headers['idempotent-replayed']).toBeUndefined();
  expect(body).toMatchObject({
    jobId,
    ownerId: 'alice',
    status: 'scheduled',
    dueAt: DUE,
    revision: 0,
    position: '1152921504606846976',
    startedAt: null,
  });
});

test('what is left out has the documented defaults', async () => {
  const fakes = fakeCommands();
  await post(rightBody, {}, fakes).expect(201);
  expect(fakes.calls[0]?.args[0]).toEqual({
    dueAt: Date.parse(DUE),
    definition: {
      name: 'nightly report',
      location: 'https://example.com/run',
      queue: 'default',
      timeoutMs: 60_000,
      retry: { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 3_600_000, factor: 2 },
      cutoffMs: 0,
      tags: [],
    },
  });
});

test('a retry policy is overridden in part; a first delay beyond an hour lifts the cap with it', async () => {
  const fakes = fakeCommands();
  await post({ ...rightBody, retry: { initialDelayMs: 7_200_000 } }, {}, fakes).expect(201);
  expect(fakes.calls[0]?.args[0]).toMatchObject({
    definition: {
      retry: { maxAttempts: 3, initialDelayMs: 7_200_000, maxDelayMs: 7_200_000, factor: 2 },
    },
  });
});

test('the owner is who asks; the request id and the trace go along', async () => {
  const fakes = fakeCommands();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { headers } = await post(rightBody, { traceparent }, fakes);
  expect(fakes.calls[0]?.args[1]).toEqual({
    actor: { kind: 'user', id: 'alice' },
    correlationId: headers['x-request-id'],
    traceparent,
  });
});

describe('Idempotency-Key', () => {
  const idempotencyOf = async (body: object): Promise<unknown> => {
    const fakes = fakeCommands();
    await post(body, { 'idempotency-key': 'k-1' }, fakes).expect(201);
    return (fakes.calls[0]?.args[1] as { idempotency: object }).idempotency; // a CommandContext
  };

  test('the same body in another order is the same request', async () => {
    const { name, dueAt, location } = rightBody;
    const idempotency = await idempotencyOf(rightBody);
    expect(idempotency).toMatchObject({ key: 'k-1' });
    expect(await idempotencyOf({ location, dueAt, name })).toEqual(idempotency);
  });

  test('another body is another request', async () => {
    expect(await idempotencyOf({ ...rightBody, timeoutMs: 5 })).not.toEqual(
      await idempotencyOf(rightBody),
    );
  });

  test('a replay says so', async () => {
    const { status, headers } = await post(
      rightBody,
      { 'idempotency-key': 'k-1' },
      answering(accepted(jobOf('alice'), { isReplay: true })),
    );
    expect(status).toBe(201);
    expect(headers['idempotent-replayed']).toBe('true');
  });
});

describe('a no of the domain becomes a problem', () => {
  test.each([
    [{ code: 'due-in-past' }, 422],
    [{ code: 'due-too-far' }, 422],
    [{ code: 'job-exists' }, 409],
    [{ code: 'idempotency-key-reused' }, 422],
  ] as const)('%j', async (rejection, status) => {
    const heard = await post(rightBody, {}, refusing(rejection));
    expect(heard.status).toBe(status);
    expect(heard.type).toBe('application/problem+json');
    expect(heard.body).toMatchObject({ type: `/problems/${rejection.code}`, status });
  });

  test('contended is no fault of the caller: 503, and when to come back', async () => {
    const { status, headers, body } = told(
      await post(rightBody, {}, answering({ outcome: 'contended' })),
    );
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('1');
    expect(body).toMatchObject({ type: '/problems/contended' });
  });
});
