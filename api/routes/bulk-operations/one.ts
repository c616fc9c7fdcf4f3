import type { PastItemPage } from '../../../commands/operations/past-items';
import { isJobId } from '../../../domain/ids';
import type { KnownOperation } from '../../../domain/operation/state';
import { operationViewOf } from '../../../domain/operation/view';
import { LIMITS } from '../../access/limits';
import { isOperator } from '../../access/principal';
import { RETRY_AFTER } from '../../http/failures';
import { pagingOf } from '../../http/cursor';
import {
  operationIdOf,
  optional,
  readAsOf,
  readLimit,
  together,
  withoutUndefined,
} from '../../http/parameters';
import { plainContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import type { Answer, Call, Route } from '../../http/route';
import { isFresh, lagHeader, lagHeaderAnswer } from '../../http/staleness';
import { itemListSchema, itemOutcomes, operationSchema } from '../../schemas/operation-answers';
import { oneOf } from '../../schemas/parts';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  parameter,
} from '../described';
import { etagOf } from '../jobs/answers';
import { operationPath } from './answers';
import type { BulkOperationsDeps } from './deps';
import { pastOf } from './past';

type Found = { readonly operation: KnownOperation; readonly isFromStream: boolean };

/**
 * An operation by the read model or, where that does not have it yet, by its stream. What is not to be seen goes the
 * same way, so that a foreign operation answers like an unknown one.
 */
const findOperation = async (
  { known, commands, streamReads, freshness }: BulkOperationsDeps,
  call: Call,
  operationId: string,
): Promise<Found | Refusal> => {
  const { principal, inTime } = call;
  if (!isJobId(operationId)) return { code: 'operation-not-found' };
  const fresh = await isFresh(call, freshness);
  if ('refusal' in fresh) return fresh.refusal;
  const row = fresh.value
    ? await inTime(() => known.find(operationId), 'read-model-unavailable')
    : undefined;
  if (row && (isOperator(principal) || row.definition.ownerId === principal.id))
    return { operation: row, isFromStream: false };
  const read = await streamReads(principal.id, () =>
    inTime(() => commands.load(operationId, plainContext(call)), 'event-log-unavailable'),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  return read.value.status === 'none'
    ? { code: 'operation-not-found' }
    : { operation: read.value, isFromStream: true };
};

export const oneOperationRoute = (deps: BulkOperationsDeps): Route => ({
  method: 'GET',
  path: operationPath('{operationId}'),
  operationId: 'getOperation',
  summary: 'Read how far an operation is',
  roles: JOB_ROLES,
  parameters: [afterParameter, asOfParameter],
  answers: answered(
    'The operation as the read model has it, or the log where the read model is not there yet.',
    operationSchema,
    { headers: { ETag: 'The revision of the operation.', ...lagHeaderAnswer } },
  ),
  late: 'event-log-unavailable',
  handle: async (call) => {
    const read = together({ operationId: operationIdOf(call), asOf: readAsOf(call, deps.clock) });
    if ('refusal' in read) return read.refusal;
    const { operationId, asOf } = read.value;
    if (asOf) {
      const past = await pastOf(deps, call, { operationId, asOf }, deps.asOf);
      if ('code' in past) return past;
      return { status: 200, body: operationViewOf(operationId, past.known) };
    }
    const found = await findOperation(deps, call, operationId);
    if ('code' in found) return found;
    const { operation, isFromStream } = found;
    return {
      status: 200,
      body: operationViewOf(operationId, operation),
      headers: {
        ETag: etagOf(operation.revision),
        ...lagHeader(isFromStream ? 0 : deps.freshness.lag()?.ms),
      },
    };
  },
});

const isOutcome = (text: string): text is (typeof itemOutcomes)[number] =>
  (itemOutcomes as readonly string[]).includes(text);

const readOutcome = (
  text: string,
): { readonly value: (typeof itemOutcomes)[number] } | { readonly problem: 'bad-parameter' } =>
  isOutcome(text) ? { value: text } : { problem: 'bad-parameter' };

export const itemsRoute = (deps: BulkOperationsDeps): Route => ({
  method: 'GET',
  path: `${operationPath('{operationId}')}/items`,
  operationId: 'listOperationItems',
  summary: 'List the jobs of an operation, and what became of each',
  roles: JOB_ROLES,
  parameters: [
    parameter('outcome', 'Only those with this outcome.', oneOf(itemOutcomes)),
    limitParameter('Jobs'),
    cursorParameter,
    afterParameter,
    asOfParameter,
  ],
  answers: answered('One page.', itemListSchema, { headers: lagHeaderAnswer }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({
      operationId: operationIdOf(call),
      outcome: optional(call, 'outcome', readOutcome),
      limit: optional(call, 'limit', readLimit),
      asOf: readAsOf(call, deps.clock),
    });
    if ('refusal' in read) return read.refusal;
    const { operationId, limit = LIMITS.defaultPageLimit, outcome, asOf } = read.value;
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf && call.query.get('asOf');
    const { id, role } = call.principal;
    const paging = pagingOf(call, deps.cursors, [
      ...['items', id, role, operationId, outcome ?? ''],
      ...(moment ? [moment] : []),
    ]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const asked = { limit, ...withoutUndefined({ outcome, after: after?.at }) };
    const answer = ({ items, next }: PastItemPage, lagMs: number | undefined): Answer => ({
      status: 200,
      body: {
        items,
        ...(next !== undefined && { nextCursor: write({ at: next, id: operationId }) }),
      },
      headers: lagHeader(lagMs),
    });
    if (asOf) {
      const past = await pastOf(deps, call, { operationId, asOf }, (one) =>
        deps.pastItems(one, asked),
      );
      return 'code' in past ? past : answer(past.known, 0);
    }
    const found = await findOperation(deps, call, operationId);
    if ('code' in found) return found;
    const page = await call.inTime(() => deps.items(operationId, asked));
    return answer(page, deps.freshness.lag()?.ms);
  },
});
