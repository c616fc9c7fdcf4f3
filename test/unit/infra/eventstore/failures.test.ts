import { ErrorType } from '@eventstore/db-client';
import { failureOf } from '../../../../infra/eventstore/failures';

const typed = (type: ErrorType) => Object.assign(new Error(type), { type, code: 14 });
const raw = (code: number | string) => Object.assign(new Error(String(code)), { code });

test.each`
  error                                                 | failure       | why
  ${typed(ErrorType.UNAVAILABLE)}                       | ${'unknown'}  | ${'the stream of appends broke, maybe after ours'}
  ${typed(ErrorType.CANCELLED)}                         | ${'unknown'}  | ${'the server stopped'}
  ${typed(ErrorType.DEADLINE_EXCEEDED)}                 | ${'unknown'}  | ${'the server may yet do it'}
  ${typed(ErrorType.TIMEOUT)}                           | ${'unknown'}  | ${'a cluster may yet do it'}
  ${typed(ErrorType.UNKNOWN)}                           | ${'unknown'}  | ${'the server does not know either'}
  ${typed(ErrorType.NOT_LEADER)}                        | ${'not-sent'} | ${'a follower takes nothing'}
  ${typed(ErrorType.ACCESS_DENIED)}                     | ${'refused'}  | ${'asking again will not help'}
  ${typed(ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED)}      | ${'refused'}  | ${'it will not shrink'}
  ${typed(ErrorType.STREAM_DELETED)}                    | ${'refused'}  | ${'it will not come back'}
  ${raw(14)}                                            | ${'not-sent'} | ${'connection refused: asked what it supports, the server was away'}
  ${raw(13)}                                            | ${'not-sent'} | ${'that question failed otherwise'}
  ${raw(16)}                                            | ${'refused'}  | ${'the credentials are wrong'}
  ${raw(7)}                                             | ${'refused'}  | ${'the user may not'}
  ${raw('ERR_STREAM_WRITE_AFTER_END')}                  | ${'unknown'}  | ${'Node found the stream broken'}
  ${new Error('Channel has been shut down')}            | ${'unknown'}  | ${'gRPC found the channel closed'}
  ${new Error('Failed to discover after 10 attempts.')} | ${'not-sent'} | ${'no node of the cluster was found'}
  ${new TypeError('x is not a function')}               | ${'refused'}  | ${'our bug must not hide behind retries'}
  ${'a text'}                                           | ${'unknown'}  | ${'nothing is known, so nothing is claimed'}
`('$error is $failure: $why', ({ error, failure }: { error: unknown; failure: string }) => {
  expect(failureOf(error)).toBe(failure);
});
