import type { CommandContext } from '../../../commands/answers';
import { selected } from '../../../domain/operation/definition';
import type { Previewed } from '../../../projections/queries/operations/preview';
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

const TOO_LARGE: Refusal = { code: 'operation-too-large', members: { max: MAX_ITEMS } };

const check = validator(operationBody);

/** How many of the jobs that are named are none, or somebody else's. */
const unknownOf = (jobIds: readonly string[], { count, others }: Previewed): number =>
  others.reduce((rest, other) => rest - other.count, jobIds.length - count);

export const startRoute = (deps: BulkOperationsDeps): Route => {
  const { commands, quota, preview, freshness } = deps;

  const dryRun = async (call: Call, read: ReadOperation): Promise<Answer | Refusal> => {
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { kind, jobIds } = read.asked;
    const found = await call.inTime(
      () =>
        preview.preview({
          ...{ filter: selected(kind, read.filter), jobIds, since: read.since },
          ...{ max: MAX_ITEMS, sample: SAMPLE, upTo: LIMITS.countedJobs },
        }),
      'read-model-unavailable',
    );
    if (!found) return TOO_LARGE;
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
    const { kind, jobIds } = read.asked;
    if (!jobIds) {
      const count = await call.inTime(
        () => preview.count(selected(kind, read.filter), MAX_ITEMS),
        'read-model-unavailable',
      );
      if (count > MAX_ITEMS) return TOO_LARGE;
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
