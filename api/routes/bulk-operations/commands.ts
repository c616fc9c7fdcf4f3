import type { CommandContext } from '../../../commands/answers';
import type { OperationAnswer } from '../../../commands/operations/operation-answers';
import { LIMITS } from '../../access/limits';
import { operationIdOf, together } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import type { Route } from '../../http/route';
import { endingBody } from '../../schemas/operation-requests';
import { validator } from '../../schemas/validation';
import { idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { commandedOperation, operationAnswer, operationPath } from './answers';
import type { BulkOperationsDeps } from './deps';

const check = validator(endingBody);

type Rule = {
  readonly verb: 'stop' | 'undo';
  readonly operationId: string;
  readonly summary: string;
  readonly answer: readonly [status: number, description: string];
  readonly send: (
    operationId: string,
    reason: string | undefined,
    context: CommandContext,
  ) => Promise<OperationAnswer>;
};

const commandRoute = ({ verb, operationId: name, summary, answer, send }: Rule): Route => ({
  method: 'POST',
  path: `${operationPath('{operationId}')}/${verb}`,
  operationId: name,
  summary,
  roles: JOB_ROLES,
  requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
  body: {
    schema: endingBody,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
    isOptional: true,
  },
  answers: [commandedOperation(...answer)],
  late: 'outcome-unknown',
  handle: async (call) => {
    const id = operationIdOf(call);
    if ('refusal' in id) return id.refusal;
    const operationId = id.value;
    const read = together({
      context: commandContext(call, `${operationPath(operationId)}/${verb}`, { isNew: false }),
      body: check(call.body),
    });
    if ('refusal' in read) return read.refusal;
    const { context, body } = read.value;
    const sent = await call.inTime(() => send(operationId, body.reason, context));
    return operationAnswer(sent, answer[0]);
  },
});

export const endingRoutes = ({ commands }: BulkOperationsDeps): readonly Route[] => [
  commandRoute({
    verb: 'stop',
    operationId: 'stopOperation',
    summary: 'Change no more jobs; what is changed stays so',
    answer: [200, 'It ends with the batch that is under way; its items say what was changed.'],
    send: commands.stop,
  }),
  commandRoute({
    verb: 'undo',
    operationId: 'undoOperation',
    summary: 'Move back what an operation has moved',
    answer: [201, 'The operation that undoes it. Asked again it is the same one.'],
    send: commands.undo,
  }),
];
