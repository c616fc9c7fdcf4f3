import type { Static, TSchema } from '@sinclair/typebox';
import type { CommandContext, JobAnswer } from '../../../commands/answers';
import type { JobCommands } from '../../../commands/job-commands';
import { toTimestamp, type Clock } from '../../../domain/time';
import { LIMITS } from '../../access/limits';
import { jobIdOf, together } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import { isAnswer, type Answer, type Route } from '../../http/route';
import { emptyBody, reasonBody, rescheduleBody } from '../../schemas/job-requests';
import { validator } from '../../schemas/validation';
import { commandedJob, idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { answerOf, jobPath } from './answers';
import type { Crowding } from './crowding';
import type { UnlessHistoryGone } from './gone-job';
import { instantOf } from './request';

type CommandRule<Schema extends TSchema> = {
  readonly verb: 'reschedule' | 'cancel' | 'run-now' | 'abort' | 'redrive';
  readonly operationId: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly answer: readonly [status: number, description: string];
  /** Given when the command sets the due time. */
  readonly crowding?: Crowding;
  readonly send: (
    jobId: string,
    body: Static<Schema>,
    context: CommandContext,
  ) => Promise<JobAnswer>;
};

/** Refusals of a change that something else came before: when it was refused tells by how much. */
const LOST_RACES: ReadonlySet<string> = new Set([
  'job-running',
  'job-finished',
  'job-cancelled',
  'job-not-failed',
  'cutoff-passed',
]);

const withTime = (reply: Answer | Refusal, clock: Clock): Answer | Refusal =>
  isAnswer(reply) || !LOST_RACES.has(reply.code)
    ? reply
    : { ...reply, members: { ...reply.members, at: toTimestamp(clock.now()) } };

export type CommandRoutesDeps = {
  readonly commands: JobCommands;
  readonly crowding: Crowding;
  readonly unlessGone: UnlessHistoryGone;
  readonly clock: Clock;
};

const commandRoute =
  ({ unlessGone, clock }: Pick<CommandRoutesDeps, 'unlessGone' | 'clock'>) =>
  <Schema extends TSchema>(rule: CommandRule<Schema>): Route => {
    const { verb, operationId, summary, schema, answer, crowding, send } = rule;
    const check = validator(schema);
    return {
      method: 'POST',
      path: `/v1/jobs/{jobId}/${verb}`,
      operationId,
      summary,
      roles: JOB_ROLES,
      requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
      body: {
        schema,
        maxBytes: LIMITS.bodyBytes,
        shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
        // nothing in it has to be there: then the whole of it may be left out
        ...(schema['required'] === undefined && { isOptional: true }),
      },
      answers: [commandedJob(...answer)],
      late: 'outcome-unknown',
      handle: async (call) => {
        const id = jobIdOf(call);
        if ('refusal' in id) return id.refusal;
        const jobId = id.value;
        const path = `${jobPath(jobId)}/${verb}`;
        const read = together({
          context: commandContext(call, path, { isNew: false }),
          body: check(call.body),
        });
        if ('refusal' in read) return read.refusal;
        const { context, body } = read.value;
        return await unlessGone(jobId, call, async () => {
          const sent = await call.inTime(() => send(jobId, body, context));
          const reply = answerOf(sent, answer[0], {
            jobId,
            ...(crowding && { crowding: crowding.toldTo(call.principal) }),
          });
          return withTime(reply, clock);
        });
      },
    };
  };

export const commandRoutes = ({
  commands,
  crowding,
  ...deps
}: CommandRoutesDeps): readonly Route[] => {
  const command = commandRoute(deps);
  return [
    command({
      verb: 'reschedule',
      operationId: 'rescheduleJob',
      summary: 'Move a job that has not started',
      schema: rescheduleBody,
      answer: [200, 'The job at its new due time, or as it was if that is its due time already.'],
      crowding,
      send: (jobId, { dueAt, reason }, context) =>
        commands.reschedule(jobId, instantOf(dueAt), reason, context),
    }),
    command({
      verb: 'cancel',
      operationId: 'cancelJob',
      summary: 'Cancel a job that has not started, for good',
      schema: reasonBody,
      answer: [200, 'The job never runs.'],
      send: (jobId, { reason }, context) => commands.cancel(jobId, reason, context),
    }),
    command({
      verb: 'run-now',
      operationId: 'runJobNow',
      summary: 'Make a job due at once',
      schema: reasonBody,
      answer: [200, 'The job is due.'],
      send: (jobId, { reason }, context) => commands.runNow(jobId, reason, context),
    }),
    command({
      verb: 'abort',
      operationId: 'abortJob',
      summary: 'Ask a running job to stop',
      schema: reasonBody,
      answer: [202, 'The executor is told. Whether the job stops is up to it.'],
      send: (jobId, { reason }, context) => commands.abort(jobId, reason, context),
    }),
    command({
      verb: 'redrive',
      operationId: 'redriveJob',
      summary: 'Run a job again that failed for good',
      schema: emptyBody,
      answer: [200, 'The job is due, its attempts counted afresh.'],
      send: (jobId, _body, context) => commands.redrive(jobId, context),
    }),
  ];
};
