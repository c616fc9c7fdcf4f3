import { proofs } from '../../../commands/proofs';
import { hmacSigner } from '../../../infra/signer';
import { t } from '../../support/jobs';

const { ticket, readTicket, token, readToken } = proofs(hmacSigner('a secret of the test bench'));

const sent = { jobId: 'j', attempt: 2, revision: 7n, dueAt: t(50), timeoutMs: 60_000 };
const facts = { attempt: 2, dispatchedAtRevision: 7n, dueAt: t(50), timeoutMs: 60_000 };

test('a ticket gives back what a claim must know, and no limit where there is none', () => {
  expect(readTicket(ticket(sent), sent)).toStrictEqual({ ...facts, definition: {} });
});

test.each([0, 5_000])('a ticket keeps how late the job may be, be it %d ms', (maxLatenessMs) => {
  expect(readTicket(ticket({ ...sent, maxLatenessMs }), sent)).toStrictEqual({
    ...facts,
    definition: { maxLatenessMs },
  });
});

test.each([
  ['another job', { jobId: 'k' }],
  ['another attempt', { attempt: 1 }],
  ['another revision', { revision: 8n }],
])('a ticket proves nothing of the message of %s', (_what, change) => {
  expect(readTicket(ticket(sent), { ...sent, ...change })).toBeUndefined();
});

test.each([
  ['a later due time', (text: string) => text.replace(/^\d/, '9')],
  ['a limit that was taken away', (text: string) => text.replace('.5000.', '..')],
  ['nothing', () => ''],
  ['a text that is no ticket', () => 'garbage'],
  ['something behind it', (text: string) => `${text}!`],
])('a ticket with %s is worthless', (_what, change) => {
  expect(readTicket(change(ticket({ ...sent, maxLatenessMs: 5_000 })), sent)).toBeUndefined();
});

const started = { jobId: 'j', attempt: 2, revision: 9n, executorId: 'x.1' };

test('a token says who started at which revision, whatever the executor is called', () => {
  expect(readToken(token(started), 'j', 2)).toStrictEqual({ revision: 9n, executorId: 'x.1' });
});

test.each([
  ['of another job', token(started), 'k', 2],
  ['of another attempt', token(started), 'j', 1],
  ['with another revision', token(started).replace(/^9/, '8'), 'j', 2],
  ['that is a bare revision', '9', 'j', 2],
])('a token %s names a revision and proves nothing', (_what, text, jobId, attempt) => {
  expect(readToken(text, jobId, attempt)).toStrictEqual({
    revision: BigInt(text.charAt(0)),
  });
});

test.each(['', 'garbage', '-1', '9.', '9.x1', '12345678901234567890'])(
  '%j is no token at all',
  (text) => {
    expect(readToken(text, 'j', 2)).toBeUndefined();
  },
);
