import type {
  OperationAnswer,
  OperationCommandRejection,
} from '../../../commands/operations/operation-answers';
import { operationViewOf } from '../../../domain/operation/view';
import { RETRY_AFTER } from '../../http/failures';
import type { Refusal } from '../../http/problem';
import type { Answer, RouteAnswer } from '../../http/route';
import { operationSchema } from '../../schemas/operation-answers';
import { replayedHeader } from '../described';
import { etagOf } from '../jobs/answers';

export const operationPath = (operationId: string): string => `/v1/operations/${operationId}`;

const refusalOf = (rejection: OperationCommandRejection): Refusal =>
  rejection.code === 'revision-mismatch'
    ? { code: rejection.code, headers: { ETag: etagOf(rejection.revision) } }
    : { code: rejection.code };

/** The answer to a command on one operation. */
export const operationAnswer = (answer: OperationAnswer, status = 200): Answer | Refusal => {
  if (answer.outcome === 'contended') return { code: 'contended', headers: RETRY_AFTER };
  if (answer.outcome === 'rejected') return refusalOf(answer.rejection);
  const { operationId, operation, position, isReplay } = answer;
  return {
    status,
    body: { ...operationViewOf(operationId, operation), position: String(position) },
    headers: {
      ETag: etagOf(operation.revision),
      ...(status === 201 && { Location: operationPath(operationId) }),
      ...(isReplay && { 'Idempotent-Replayed': 'true' }),
    },
  };
};

export const commandedOperation = (status: number, description: string): RouteAnswer => ({
  status,
  description,
  schema: operationSchema,
  headers: {
    ETag: 'The revision of the operation.',
    ...replayedHeader,
    ...(status === 201 && { Location: 'Where the operation is.' }),
  },
});
