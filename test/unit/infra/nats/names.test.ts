import { dueSubject } from '../../../../infra/nats/topology';

test('a message goes to the subject of its queue and job, so that a queue has its own consumer', () => {
  expect(dueSubject('default', '0190f3a0-0000-7000-8000-000000000000')).toBe(
    'jobs.due.default.0190f3a0-0000-7000-8000-000000000000',
  );
});

test.each(['', 'a.b', 'a b', '*', '>', 'é', 'x'.repeat(65), 'a\r\nPUB'])(
  'the name %j never reaches a subject: it would change who gets the message, or the protocol itself',
  (name) => {
    expect(() => dueSubject(name, 'job')).toThrow(RangeError);
    expect(() => dueSubject('queue', name)).toThrow(RangeError);
  },
);
