import { Type, type Static } from '@sinclair/typebox';
import { Attempt, ExecutorId, JobId, MAX_INTEGER, QueueName } from './fields';

/** How often an executor beats; three missed beats and its running jobs are given to others. */
export const HEARTBEAT_EVERY_MS = 5_000;

export const Heartbeat = Type.Object(
  {
    executorId: ExecutorId,
    queue: QueueName,
    running: Type.Integer({
      minimum: 0,
      maximum: MAX_INTEGER,
      description: 'Jobs under way in this process.',
    }),
  },
  { description: 'An executor process is alive.' },
);
export type Heartbeat = Static<typeof Heartbeat>;

export const HeartbeatAnswer = Type.Object({
  abort: Type.Array(Type.Object({ jobId: JobId, attempt: Attempt }), {
    description: 'Running jobs of this executor that their owners want stopped.',
  }),
  code: Type.Optional(
    Type.String({ description: '`unavailable` or `invalid-request`: the beat was not counted.' }),
  ),
  detail: Type.Optional(Type.String()),
});
export type HeartbeatAnswer = Static<typeof HeartbeatAnswer>;
