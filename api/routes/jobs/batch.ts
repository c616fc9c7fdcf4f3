import type { CommandContext } from '../../../commands/answers';
import { isForOperators, refusalOfFailure, RETRY_AFTER } from '../../http/failures';
import { jobBody, refusalOfAnswer } from './answers';
import { scheduleRequestOf } from './request';
import { LIMITS } from '../../access/limits';
import { fingerprintOf, idempotencyKeyOf, plainContext } from '../../http/preconditions';
import {
  problemDocument,
  refusalOf,
  statusOf,
  type FieldError,
  type Refusal,
} from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { batchAnswerSchema } from '../../schemas/job-answers';
import { batchBody, batchEnvelope, batchItem } from '../../schemas/job-requests';
import { validator } from '../../schemas/validation';
import { answered, idempotencyKeyHeader, JOB_ROLES } from '../described';
import { forbiddenQueue, scheduleWithin, type ScheduleDeps } from './schedule';

export type BatchDeps = ScheduleDeps & {
  readonly isOutage: (error: unknown) => boolean;
  /** Told of a failure that an operator has to know. */
  readonly onFailure: (error: unknown, requestId: string) => void;
};

/** Appends under way at once: more of them end no sooner. */
const IN_FLIGHT = 256;

/** What says nothing of one job, and the same of the next. */
const LOG_IS_AWAY: ReadonlySet<Refusal['code']> = new Set([
  'event-log-unavailable',
  'outcome-unknown',
]);

const checkEnvelope = validator(batchEnvelope);
const checkItem = validator(batchItem);

type ItemResult =
  | { readonly status: number; readonly job: object; readonly isReplay?: true }
  | { readonly status: number; readonly problem: object };

/** Runs the task for each index, in order, at most `limit` at once. */
const forEachIndex = async (
  count: number,
  limit: number,
  task: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await task(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, work));
};

/** The findings about single items, by index; those about the whole body refuse it. */
const findingsByItem = (
  findings: readonly FieldError[],
): { readonly items: ReadonlyMap<number, readonly FieldError[]> } | { readonly whole: Refusal } => {
  const items = new Map<number, FieldError[]>();
  const whole: FieldError[] = [];
  for (const finding of findings) {
    const index = 'pointer' in finding ? /^\/jobs\/(\d+)\//.exec(finding.pointer)?.[1] : undefined;
    if (index === undefined) whole.push(finding);
    else items.set(Number(index), [...(items.get(Number(index)) ?? []), finding]);
  }
  const refusal = refusalOf(whole);
  return refusal ? { whole: refusal } : { items };
};

const contextOf = (plain: CommandContext, key: string | undefined, item: object): CommandContext =>
  key === undefined
    ? plain
    : { ...plain, idempotency: { key, fingerprint: fingerprintOf('POST', '/v1/jobs', item) } };

/** Schedules one item after another's example: what it would be answered alone. */
const itemScheduler = (
  deps: BatchDeps,
  call: Call,
  batchKey: string | undefined,
): ((index: number, item: unknown, findings: readonly FieldError[]) => Promise<ItemResult>) => {
  const plain = plainContext(call);
  const crowding = deps.crowding.toldTo(call.principal);
  let isLogDown = false;

  const refused = (index: number, refusal: Refusal): ItemResult => ({
    status: statusOf(refusal),
    problem: problemDocument(refusal, { instance: `${call.path}#/jobs/${index}` }),
  });

  const schedule = async (index: number, item: unknown): Promise<ItemResult> => {
    const at = `/jobs/${index}`;
    const body = checkItem(item, at);
    if ('refusal' in body) return refused(index, body.refusal);
    const { idempotencyKey, ...job } = body.value;
    const request = scheduleRequestOf(job, deps.rules, at);
    if ('refusal' in request) return refused(index, request.refusal);
    const forbidden = forbiddenQueue(deps, call.principal.id, request.value.definition.queue, at);
    if (forbidden) return refused(index, forbidden);
    // a space parts it from every key that a header can hold
    const key = idempotencyKey ?? (batchKey === undefined ? undefined : `${batchKey} ${index}`);
    const context = contextOf(plain, key, job);
    const answer = await scheduleWithin(deps, call, request.value, context);
    if (!answer) return refused(index, { code: 'quota-exceeded' });
    if (answer.outcome !== 'accepted') return refused(index, refusalOfAnswer(answer));
    const { payload: _leftOutOfLists, ...view } = jobBody(answer, crowding);
    return { status: 201, job: view, ...(answer.isReplay && { isReplay: true }) };
  };

  return async (index, item, findings) => {
    const refusal = refusalOf(findings);
    if (refusal) return refused(index, refusal);
    // what waits behind a log that is down would wait for its deadline as well
    if (isLogDown) return refused(index, { code: 'event-log-unavailable', headers: RETRY_AFTER });
    try {
      return await schedule(index, item);
    } catch (error) {
      const expected = refusalOfFailure(error, deps.isOutage);
      if (isForOperators(expected)) deps.onFailure(error, call.requestId);
      else if (expected && LOG_IS_AWAY.has(expected.code)) isLogDown = true;
      return refused(index, expected ?? { code: 'internal-error' });
    }
  };
};

export const batchRoute = (deps: BatchDeps): Route => ({
  method: 'POST',
  path: '/v1/jobs/batch',
  operationId: 'scheduleJobs',
  summary: 'Schedule up to 1,000 jobs, each for itself',
  roles: JOB_ROLES,
  requestHeaders: [
    {
      ...idempotencyKeyHeader,
      description:
        'Makes every job without an idempotencyKey of its own repeatable, by its place in the batch.',
    },
  ],
  body: {
    schema: batchBody,
    maxBytes: LIMITS.batchBodyBytes,
    // a job in a batch may be as deep as one alone
    shape: { freeKeys: { payloadLevel: 3 }, maxLevels: LIMITS.nestingLevels + 2 },
    isByItem: true,
  },
  answers: answered(
    'An answer for each job, in order: some may be refused while others are scheduled.',
    batchAnswerSchema,
  ),
  late: 'outcome-unknown',
  handle: async (call) => {
    if (call.header('if-match') !== undefined) return { code: 'bad-if-match' };
    const batchKey = idempotencyKeyOf(call);
    if ('refusal' in batchKey) return batchKey.refusal;
    const findings = findingsByItem(call.findings);
    if ('whole' in findings) return findings.whole;
    const envelope = checkEnvelope(call.body);
    if ('refusal' in envelope) return envelope.refusal;
    const { jobs } = envelope.value;
    const schedule = itemScheduler(deps, call, batchKey.value);
    const results: ItemResult[] = [];
    await forEachIndex(jobs.length, IN_FLIGHT, async (index) => {
      results[index] = await schedule(index, jobs[index], findings.items.get(index) ?? []);
    });
    return { status: 200, body: { results } };
  },
});
