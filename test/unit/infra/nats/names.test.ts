import { denied } from '../../../../infra/nats/verdicts';
import { brokerNames } from '../../../../infra/nats/names';

const plain = brokerNames(undefined);
const acme = brokerNames('acme');
const jobId = '0190f3a0-0000-7000-8000-000000000000';

test('a message goes to the subject of its queue and job, so that a queue has its own consumer', () => {
  expect(plain.dueSubject('default', jobId)).toBe(`jobs.due.default.${jobId}`);
  expect(acme.dueSubject('default', jobId)).toBe(`acme.jobs.due.default.${jobId}`);
});

test.each(['', 'a.b', 'a b', '*', '>', 'é', 'x'.repeat(65), 'a\r\nPUB'])(
  'the name %j never reaches a subject: it would change who gets the message, or the protocol itself',
  (name) => {
    expect(() => plain.dueSubject(name, 'job')).toThrow(RangeError);
    expect(() => plain.dueSubject('queue', name)).toThrow(RangeError);
  },
);

test('a system without a prefix keeps the names that earlier builds have', () => {
  const { stream, dueSubjects, allDue, executor } = plain;
  expect({ stream, dueSubjects, allDue, filter: plain.dueFilter('q'), executor }).toEqual({
    stream: 'JOBS_DUE',
    dueSubjects: 'jobs.due.*.*',
    allDue: 'jobs.due.>',
    filter: 'jobs.due.q.*',
    executor: {
      claim: 'executor.claim',
      report: 'executor.report',
      heartbeat: 'executor.heartbeat',
    },
  });
});

test('with a prefix every name has it: one without would be shared with whoever has none', () => {
  const { stream, dueRoot, dueSubjects, allDue, executor } = acme;
  const subjects = [dueRoot, dueSubjects, allDue, acme.dueFilter('q'), ...Object.values(executor)];
  expect(subjects.filter((subject) => !subject.startsWith('acme.'))).toEqual([]);
  expect(stream).toBe('acme_JOBS_DUE');
});

test.each([
  ['jobs.due.default.x', 'jobs.due.*.*'],
  ['acme.jobs.due.default.x', 'acme.jobs.due.*.*'],
  ['acme.executor.claim.g1', 'acme.executor.claim.*'],
])('what is denied for %s is asked for as %s, with the prefix that it has', (subject, rule) => {
  expect(denied({ operation: 'publish', subject })).toMatchObject({
    outcome: 'missing',
    found: `no right to publish to ${rule}`,
  });
});
