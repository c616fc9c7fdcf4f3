import type { CommandContext } from '../../../commands/answers';
import { selected } from '../../../domain/operation/definition';
import type { Previewed } from '../../../projections/queries/operations/selection';
import { LIMITS } from '../../access/limits';
import { together } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import type { Answer, Call, Route } from '../../http/route';
import { staleness } from '../../http/staleness';
import { dryRunSchema } from '../../schemas/operation-answers';
import { operationBody } from '../../schemas/operation-requests';
import { validator } from '../../schemas/validation';
import { afterParameter, idempotencyKeyHeader, JOB_ROLES } from '../described';
import { commandedOperation, operationAnswer } from './answers';
import type { BulkOperationsDeps } from './deps';
import { readOperation, type ReadOperation } from './request';

const { items: MAX_ITEMS, sample: SAMPLE } = LIMITS.operations;

const check = validator(operationBody);

/** How many of the jobs that are named are none, or somebody else's. */
const unknownOf = (jobIds: readonly string[], { count, others = [] }: Previewed): number =>
  others.reduce((rest, other) => rest - other.count, jobIds.length - count);

export const startRoute = (deps: BulkOperationsDeps): Route => {
  const { commands, quota, preview, freshness } = deps;

  /** How many jobs it is about now; a refusal when they are too many. */
  const look = async (
    call: Call,
    { asked: { kind, jobIds }, filter }: ReadOperation,
    sample: number,
  ) => {
    const found = await call.inTime(
      () => preview(selected(kind, filter), jobIds, MAX_ITEMS, sample),
      'read-model-unavailable',
    );
    return found.count > MAX_ITEMS
      ? { code: 'operation-too-large' as const, members: { max: MAX_ITEMS } }
      : found;
  };

  const dryRun = async (call: Call, read: ReadOperation): Promise<Answer | Refusal> => {
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const found = await look(call, read, SAMPLE);
    if ('code' in found) return found;
    const { kind, jobIds } = read.asked;
    return {
      status: 200,
      body: { dryRun: true, kind, ...found, ...(jobIds && { unknown: unknownOf(jobIds, found) }) },
    };
  };

  const start = async (
    call: Call,
    read: ReadOperation,
    context: CommandContext,
  ): Promise<Answer | Refusal> => {
    const earlier = await call.inTime(
      () => commands.startedBefore(context),
      'event-log-unavailable',
    );
    if (earlier) return operationAnswer(earlier, 201);
    if (!read.asked.jobIds) {
      const found = await look(call, read, 0);
      if ('code' in found) return found;
    }
    if (quota && !(await quota.take(call.principal.id)))
      return { code: 'operation-quota-exceeded' };
    return operationAnswer(await call.inTime(() => commands.start(read.asked, context)), 201);
  };

  return {
    method: 'POST',
    path: '/v1/operations',
    operationId: 'startOperation',
    summary: 'Cancel, move or redrive many jobs',
    roles: JOB_ROLES,
    parameters: [afterParameter],
    requestHeaders: [idempotencyKeyHeader],
    body: {
      schema: operationBody,
      maxBytes: LIMITS.batchBodyBytes,
      shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
    },
    answers: [
      commandedOperation(201, 'The operation is in the log: it is carried out from now on.'),
      {
        status: 200,
        description: 'Of a dry run: what it would be about, and nothing was changed.',
        schema: dryRunSchema,
      },
    ],
    late: 'outcome-unknown',
    handle: async (call) => {
      const asked = together({
        context: commandContext(call, call.path, { isNew: true }),
        body: check(call.body),
      });
      if ('refusal' in asked) return asked.refusal;
      const { context, body } = asked.value;
      const read = readOperation(call, body);
      if ('refusal' in read) return read.refusal;
      return body.dryRun === true
        ? await dryRun(call, read.value)
        : await start(call, read.value, context);
    },
  };
};
