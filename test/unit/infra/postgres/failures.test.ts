import { DatabaseError } from 'pg';
import { isReadModelLost, isTransientPostgresError } from '../../../../infra/postgres/failures';

const withState = (code: string): Error =>
  Object.assign(new DatabaseError('from the server', 0, 'error'), { code });
const withCode = (code: string): Error => Object.assign(new Error('from node'), { code });

test.each`
  error                                                           | again    | why
  ${withState('08006')}                                           | ${true}  | ${'the connection failed'}
  ${withState('53300')}                                           | ${true}  | ${'too many connections now'}
  ${withState('53100')}                                           | ${true}  | ${'the disk is full now'}
  ${withState('57P01')}                                           | ${true}  | ${'an operator stopped the server'}
  ${withState('57P03')}                                           | ${true}  | ${'the server is starting up'}
  ${withState('57014')}                                           | ${true}  | ${'the statement took too long'}
  ${withState('40001')}                                           | ${true}  | ${'a race was lost'}
  ${withState('40P01')}                                           | ${true}  | ${'a deadlock was broken'}
  ${withState('25006')}                                           | ${true}  | ${'a failover is under way'}
  ${withState('25P04')}                                           | ${true}  | ${'the transaction took too long'}
  ${withCode('ECONNREFUSED')}                                     | ${true}  | ${'nobody listens now'}
  ${withCode('ECONNRESET')}                                       | ${true}  | ${'the server hung up'}
  ${new Error('Connection terminated unexpectedly')}              | ${true}  | ${'the server was killed'}
  ${new Error('Query read timeout')}                              | ${true}  | ${'the server does not answer'}
  ${new Error('Connection terminated due to connection timeout')} | ${true}  | ${'it does not even greet'}
  ${withState('23505')}                                           | ${false} | ${'the row would be there again'}
  ${withState('42P01')}                                           | ${false} | ${'the table is still missing'}
  ${withState('22P02')}                                           | ${false} | ${'the text is no number either time'}
  ${new TypeError('x is not a function')}                         | ${false} | ${'a bug stays a bug'}
  ${'a text'}                                                     | ${false} | ${'nobody knows what that is'}
`(
  'trying again may help: $again, when $why',
  ({ error, again }: { error: unknown; again: boolean }) => {
    expect(isTransientPostgresError(error)).toBe(again);
  },
);

test('a missing table is no outage that passes by itself, but who reads is told to come back', () => {
  expect(isReadModelLost(withState('42P01'))).toBe(true);
  expect(isReadModelLost(withState('42703'))).toBe(false);
});
