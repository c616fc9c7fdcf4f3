import { ErrorType } from '@eventstore/db-client';
import { failureOf, refusalOf } from '../../../../infra/eventstore/failures';

type Row = { readonly error: unknown; readonly wasSent: boolean; readonly failure: string };
type RefusalRow = { readonly error: unknown; readonly because: string | undefined };

const typed = (type: ErrorType) => Object.assign(new Error(type), { type, code: 14 });
const raw = (code: number | string) => Object.assign(new Error(String(code)), { code });

test.each`
  error                                                 | wasSent  | failure       | why
  ${typed(ErrorType.UNAVAILABLE)}                       | ${true}  | ${'unknown'}  | ${'the stream of appends broke, maybe after ours'}
  ${typed(ErrorType.CANCELLED)}                         | ${true}  | ${'unknown'}  | ${'the server stopped'}
  ${typed(ErrorType.DEADLINE_EXCEEDED)}                 | ${true}  | ${'unknown'}  | ${'the server may yet do it'}
  ${typed(ErrorType.TIMEOUT)}                           | ${true}  | ${'unknown'}  | ${'a cluster may yet do it'}
  ${typed(ErrorType.UNKNOWN)}                           | ${true}  | ${'unknown'}  | ${'the server does not know either'}
  ${typed(ErrorType.NOT_LEADER)}                        | ${true}  | ${'not-sent'} | ${'a follower takes nothing'}
  ${typed(ErrorType.ACCESS_DENIED)}                     | ${true}  | ${'refused'}  | ${'asking again will not help'}
  ${typed(ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED)}      | ${true}  | ${'refused'}  | ${'it will not shrink'}
  ${typed(ErrorType.STREAM_DELETED)}                    | ${true}  | ${'refused'}  | ${'it will not come back'}
  ${raw(14)}                                            | ${false} | ${'not-sent'} | ${'connection refused: asked what it supports, the server was away'}
  ${raw(13)}                                            | ${false} | ${'not-sent'} | ${'that question failed otherwise'}
  ${raw(13)}                                            | ${true}  | ${'unknown'}  | ${'the stream of appends broke in a way of its own'}
  ${raw(16)}                                            | ${false} | ${'refused'}  | ${'the credentials are wrong'}
  ${raw(7)}                                             | ${true}  | ${'refused'}  | ${'the user may not'}
  ${raw('ERR_STREAM_WRITE_AFTER_END')}                  | ${true}  | ${'unknown'}  | ${'Node found the stream broken'}
  ${new Error('Channel has been shut down')}            | ${true}  | ${'unknown'}  | ${'gRPC found the channel closed'}
  ${new Error('Failed to discover after 10 attempts.')} | ${false} | ${'not-sent'} | ${'no node of the cluster was found'}
  ${new TypeError('x is not a function')}               | ${true}  | ${'refused'}  | ${'our bug must not hide behind retries'}
  ${'a text'}                                           | ${true}  | ${'unknown'}  | ${'nothing is known, so nothing is claimed'}
`('$error is $failure: $why', ({ error, wasSent, failure }: Row) => {
  expect(failureOf(error, wasSent)).toBe(failure);
});

test.each`
  error                                            | because            | why
  ${typed(ErrorType.ACCESS_DENIED)}                | ${'access-denied'} | ${'the server says so'}
  ${raw(7)}                                        | ${'access-denied'} | ${'gRPC says so'}
  ${raw(16)}                                       | ${'access-denied'} | ${'the password is wrong'}
  ${typed(ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED)} | ${'too-large'}     | ${'the server takes less'}
  ${typed(ErrorType.STREAM_DELETED)}               | ${undefined}       | ${'that is about one stream'}
`('$error is refused because of $because: $why', ({ error, because }: RefusalRow) => {
  expect(refusalOf(error)).toBe(because);
});
