import supertest from 'supertest';
import type { JobAnswer } from '../../../../../commands/answers';
import {
  accepted,
  apiUnderTest,
  bearer,
  DUE,
  fakeCommands,
  jobOf,
  keys,
} from '../../api-under-test';

const ID = '3f0c7d9e-4b0a-4f7e-9c1d-0a1b2c3d4e5f';

const post = (
  verb: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
  fakes = fakeCommands(),
  id = ID,
) =>
  supertest(apiUnderTest({ commands: fakes.commands }).app)
    .post(`/v1/jobs/${id}/${verb}`)
    .set({ authorization: bearer(keys.alice), ...headers })
    .send(body);

const answering = (answer: JobAnswer) => fakeCommands(() => Promise.resolve(answer));

const context = expect.objectContaining({ actor: { kind: 'user', id: 'alice' } }) as object;

test.each([
  [
    'reschedule',
    { dueAt: DUE, reason: 'later' },
    'reschedule',
    [ID, Date.parse(DUE), 'later', context],
    200,
  ],
  ['cancel', { reason: 'no need' }, 'cancel', [ID, 'no need', context], 200],
  ['cancel', undefined, 'cancel', [ID, undefined, context], 200],
  ['run-now', {}, 'runNow', [ID, undefined, context], 200],
  ['abort', undefined, 'abort', [ID, undefined, context], 202],
  ['redrive', undefined, 'redrive', [ID, context], 200],
])('%s %j', async (verb, body, command, args, status) => {
  const fakes = fakeCommands();
  const heard = await post(verb, body, {}, fakes);
  expect(heard.status).toBe(status);
  expect(heard.headers['etag']).toBe('"0"');
  expect(heard.body).toMatchObject({ status: 'scheduled', position: '4711' });
  expect(fakes.calls).toEqual([{ command, args }]);
});

test('If-Match is the revision to decide at', async () => {
  const fakes = fakeCommands();
  await post('cancel', undefined, { 'if-match': '"7"' }, fakes).expect(200);
  expect(fakes.calls[0]?.args[2]).toMatchObject({ ifMatch: 7n });
});

test('a stale If-Match learns the current ETag', async () => {
  const heard = await post(
    'cancel',
    undefined,
    { 'if-match': '"7"' },
    answering({ outcome: 'rejected', rejection: { code: 'revision-mismatch', revision: 9n } }),
  );
  expect(heard.status).toBe(412);
  expect(heard.headers['etag']).toBe('"9"');
});

test('a job that runs cannot be cancelled, and the answer says what can be done', async () => {
  const heard = await post(
    'cancel',
    undefined,
    {},
    answering({ outcome: 'rejected', rejection: { code: 'job-running' } }),
  );
  expect(heard.status).toBe(409);
  expect(heard.body).toMatchObject({
    type: '/problems/job-running',
    links: { abort: `/v1/jobs/${ID}/abort` },
  });
});

test('a cut-off that has passed says how long it is', async () => {
  const heard = await post(
    'reschedule',
    { dueAt: DUE },
    {},
    answering({ outcome: 'rejected', rejection: { code: 'cutoff-passed', cutoffMs: 5_000 } }),
  );
  expect(heard.body).toMatchObject({
    status: 409,
    cutoffMs: 5_000,
    at: expect.any(String) as string,
  });
});

test('already so is an answer like any other, with the revision it has had', async () => {
  const job = { ...jobOf('alice'), revision: 3n };
  const heard = await post('cancel', undefined, {}, answering(accepted(job)));
  expect(heard.status).toBe(200);
  expect(heard.headers['etag']).toBe('"3"');
});

test('one key for two commands on a job is told apart by its fingerprint', async () => {
  const fingerprintOf = async (verb: string, id: string): Promise<unknown> => {
    const fakes = fakeCommands();
    await post(verb, undefined, { 'idempotency-key': 'k' }, fakes, id);
    return (fakes.calls[0]?.args[2] as { idempotency: { fingerprint: string } }).idempotency
      .fingerprint;
  };
  const cancel = await fingerprintOf('cancel', ID);
  expect(await fingerprintOf('abort', ID)).not.toBe(cancel);
  expect(await fingerprintOf('cancel', ID.toUpperCase())).toBe(cancel);
});

test('an id in capitals is the same id', async () => {
  const fakes = fakeCommands();
  await post('cancel', undefined, {}, fakes, ID.toUpperCase()).expect(200);
  expect(fakes.calls[0]?.args[0]).toBe(ID);
});
