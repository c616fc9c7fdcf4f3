import { Type, type Static } from '@sinclair/typebox';
import { Attempt, ExecutorId, GatewayId, JobId, MAX_INTEGER, QueueName } from './fields';

/** How often an executor beats; three missed beats and its running jobs are given to others. */
export const HEARTBEAT_EVERY_MS = 5_000;

/** Runs that one beat may name: a beat stays far below the broker's limit of a message. */
export const MAX_NAMED_RUNS = 4_096;

/** Characters of a reason in a beat: a sentence. */
export const MAX_REASON_LENGTH = 300;

const NamedRun = Type.Object({ jobId: JobId, attempt: Attempt });
export type NamedRun = Static<typeof NamedRun>;

export const Heartbeat = Type.Object(
  {
    executorId: ExecutorId,
    queue: QueueName,
    running: Type.Integer({
      minimum: 0,
      maximum: MAX_INTEGER,
      description: 'Jobs under way in this process.',
    }),
    runs: Type.Optional(
      Type.Array(NamedRun, {
        maxItems: MAX_NAMED_RUNS,
        description:
          'Every attempt that you have in flight, from before you send its claim until its report is answered. One that runs by the log and is not among them, beat after beat, is taken for a lost answer and given to others. Leave the whole list out when it would be too long.',
      }),
    ),
    cannotTake: Type.Optional(
      Type.String({
        maxLength: MAX_REASON_LENGTH,
        description:
          'Why you can take no jobs, as a sentence: the broker denies or does not answer your pulls. Your runs go on as before; your queue counts as one that you do not serve. Leave it out while you can take jobs, or have no room to find out.',
      }),
    ),
  },
  { description: 'An executor process is alive.' },
);
export type Heartbeat = Static<typeof Heartbeat>;

export const HeartbeatAnswer = Type.Object({
  abort: Type.Array(NamedRun, {
    description: 'Running jobs of this executor that their owners want stopped.',
  }),
  revoked: Type.Optional(
    Type.Array(NamedRun, {
      description:
        'Named runs that are no longer yours: given to others, aborted, or over. Stop them immediately; no report of them counts.',
    }),
  ),
  code: Type.Optional(
    Type.String({ description: '`unavailable` or `invalid-request`: the beat was not counted.' }),
  ),
  detail: Type.Optional(Type.String()),
  gateway: Type.Optional(GatewayId),
});
export type HeartbeatAnswer = Static<typeof HeartbeatAnswer>;
