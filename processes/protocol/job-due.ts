import { Type, type Static } from '@sinclair/typebox';
import type { DueJob, DueJobContent } from '../../domain/job/due-job';
import { toTimestamp } from '../../domain/time';
import { Attempt, JobId, Revision } from './fields';

const JOB_DUE_TYPE = 'punctual.job.due.v1';
const JOB_DUE_SOURCE = 'punctual';

/** The message that tells executors of a due job: a CloudEvent 1.0 in structured JSON. */
export const JobDue = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({
      maxLength: 120,
      description: '`{jobId}/{attempt}/{revision}`, also the Nats-Msg-Id.',
    }),
    type: Type.Literal(JOB_DUE_TYPE),
    source: Type.String({ maxLength: 200 }),
    subject: Type.String({ maxLength: 36, description: 'The job id.' }),
    time: Type.String({ maxLength: 40, description: 'When the job is due.' }),
    datacontenttype: Type.Optional(Type.String()),
    data: Type.Object({
      jobId: JobId,
      attempt: Attempt,
      revision: Revision,
      ownerId: Type.String(),
      name: Type.String(),
      location: Type.String({ description: "Where the job's code is; read by the executor." }),
      timeoutMs: Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'How long an attempt may take from its start on.',
      }),
      payload: Type.Optional(
        Type.Unknown({
          description: "The user's JSON: the same value, perhaps not the same text.",
        }),
      ),
      ticket: Type.Optional(
        Type.String({ description: 'Opaque; goes back with the claim, which it makes faster.' }),
      ),
    }),
  },
  { description: 'A job is due: claim it before running it.' },
);
export type JobDue = Static<typeof JobDue>;

/**
 * `{jobId}/{attempt}/{revision}`: the same message again has the same id, so JetStream keeps one; a job that is
 * dispatched again has another (docs/adr/0007-message-ids-carry-the-revision.md).
 */
export const messageIdOf = ({
  jobId,
  attempt,
  revision,
}: Pick<DueJob, 'jobId' | 'attempt' | 'revision'>): string => `${jobId}/${attempt}/${revision}`;

/**
 * All of the message that is known before the due time, serialised ahead so that nothing but two fields
 * is left to write when it counts. `jobDueText` completes it.
 *
 * @param due  at the revision of the JobDispatched or JobRedispatched that backs the message
 */
export const jobDueHead = (due: DueJob & DueJobContent): string => {
  const { jobId, attempt, ownerId, name, location, timeoutMs, payload, dueAt } = due;
  const data = { jobId, attempt, ownerId, name, location, timeoutMs, payload };
  const envelope = {
    specversion: '1.0',
    id: messageIdOf(due),
    type: JOB_DUE_TYPE,
    source: JOB_DUE_SOURCE,
    subject: jobId,
    time: toTimestamp(dueAt),
    datacontenttype: 'application/json',
  };
  return `${JSON.stringify(envelope).slice(0, -1)},"data":${JSON.stringify(data).slice(0, -1)}`;
};

/** @param ticket  from the dispatch; plain letters, digits, dots, `_` and `-` */
export const jobDueText = (head: string, revision: bigint, ticket: string): string =>
  `${head},"revision":${revision},"ticket":${JSON.stringify(ticket)}}}`;
