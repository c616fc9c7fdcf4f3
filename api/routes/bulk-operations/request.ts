import type { AskedOperation } from '../../../commands/operations/operation-commands';
import type { JobFilter } from '../../../domain/job/filter';
import { readFilter } from '../../../domain/job/read-filter';
import { writtenFilter } from '../../../domain/operation/definition';
import { parseSpan } from '../../../domain/operation/span';
import type { Instant } from '../../../domain/time';
import { LIMITS } from '../../access/limits';
import { isOperator } from '../../access/principal';
import { bodyRefusal, refuse, type FieldError, type Parsed } from '../../http/problem';
import type { Call } from '../../http/route';
import type { OperationBody } from '../../schemas/operation-requests';
import { instantOf } from '../jobs/request';

const wrong = (
  pointer: string,
  code: FieldError['code'],
  reason?: string,
): { readonly refusal: ReturnType<typeof bodyRefusal> } => ({
  refusal: bodyRefusal([{ pointer, code, ...(reason !== undefined && { reason }) }]),
});

/** The filter of a body that fits its schema: of a user's own jobs, or of anybody's for an operator. */
const filterIn = (
  { principal }: Pick<Call, 'principal'>,
  { status, ...texts }: NonNullable<OperationBody['filter']>,
): Parsed<JobFilter> => {
  const isForeign = texts.ownerId !== undefined && texts.ownerId !== principal.id;
  if (isForeign && !isOperator(principal)) return refuse('forbidden');
  const read = readFilter({ ...texts, ...(status && { status: status.join(',') }) });
  if ('problem' in read) return wrong(`/filter/${read.field}`, read.problem);
  return {
    value: { ...read.filter, ...(!isOperator(principal) && { ownerId: principal.id }) },
  };
};

const moveIn = ({ kind, by }: OperationBody): Parsed<{ readonly byMs?: number }> => {
  if (kind !== 'move')
    return by === undefined
      ? { value: {} }
      : wrong('/by', 'unknown-property', 'only a move has it');
  const byMs = by === undefined ? undefined : parseSpan(by);
  if (byMs === undefined) return wrong('/by', 'invalid-body', 'a move needs it');
  const isInRange = byMs !== 0 && Math.abs(byMs) <= LIMITS.operations.moveMs;
  return isInRange ? { value: { byMs } } : wrong('/by', 'out-of-range');
};

/** When the list was read that the jobs of a dry run were chosen from. */
const sinceIn = ({ dryRun, since }: OperationBody): Parsed<{ readonly since?: Instant }> => {
  if (since === undefined) return { value: {} };
  return dryRun === true
    ? { value: { since: instantOf(since) } }
    : wrong('/since', 'unknown-property', 'only a dry run has it');
};

export type ReadOperation = {
  readonly asked: AskedOperation;
  /** What a filter selects, or the owner's part of the jobs that are named. */
  readonly filter: JobFilter;
  readonly since: Instant | undefined;
};

/** What a body asks for that fits its schema. */
export const readOperation = (call: Call, body: OperationBody): Parsed<ReadOperation> => {
  const { kind, filter, jobIds, reason } = body;
  if ((filter === undefined) === (jobIds === undefined))
    return wrong('/filter', 'invalid-body', 'it has not exactly one of filter and jobIds');
  const move = moveIn(body);
  if ('refusal' in move) return move;
  const since = sinceIn(body);
  if ('refusal' in since) return since;
  const said = filterIn(call, filter ?? {});
  if ('refusal' in said) return said;
  const common = { kind, ...move.value, ...(reason !== undefined && { reason }) };
  const asked: AskedOperation = jobIds
    ? {
        ...common,
        selection: { by: 'ids' },
        jobIds: [...new Set(jobIds.map((jobId) => jobId.toLowerCase()))],
      }
    : { ...common, selection: { by: 'filter', filter: writtenFilter(said.value) } };
  return { value: { asked, filter: said.value, since: since.value.since } };
};
