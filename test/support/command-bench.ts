import type { CommandContext, JobAccepted, JobAnswer } from '../../commands/answers';
import { attemptCommands, type AttemptCommands } from '../../commands/attempt-commands';
import type { Claim } from '../../commands/claim';
import { jobCommands, type JobCommands } from '../../commands/job-commands';
import type { EventLog, RecordedEvent } from '../../domain/event-log';
import { proofs } from '../../commands/proofs';
import { jobStream } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import { uuids } from '../../infra/ids';
import { memoryEventLog } from '../../infra/memory/event-log';
import { hmacSigner } from '../../infra/signer';
import { definition, t } from './jobs';

export type CommandBench = {
  readonly log: EventLog;
  /** Stream reads so far: the hot paths must not add to it. */
  readonly reads: () => number;
  readonly commands: JobCommands;
  readonly attempts: AttemptCommands;
  readonly setNow: (now: Instant) => void;
  readonly events: (jobId: string) => Promise<readonly RecordedEvent[]>;
  readonly types: (jobId: string) => Promise<readonly string[]>;
};

/** Commands over a log in memory and a clock that stands still until told. */
export const commandBench = (wrap: (log: EventLog) => EventLog = (log) => log): CommandBench => {
  const memory = memoryEventLog().log;
  let reads = 0;
  const log = wrap({
    append: memory.append,
    read: (stream) => {
      reads += 1;
      return memory.read(stream);
    },
  });
  let now = t(0);
  const deps = { log, clock: { now: () => now }, ids: uuids };
  const events = (jobId: string): Promise<readonly RecordedEvent[]> =>
    memory.read(jobStream(jobId));
  return {
    log,
    reads: () => reads,
    commands: jobCommands(deps),
    attempts: attemptCommands({
      ...deps,
      proofs: proofs(hmacSigner('a secret of the test bench')),
      draw: () => 0,
    }),
    setNow: (instant) => {
      now = instant;
    },
    events,
    types: async (jobId) => (await events(jobId)).map(({ type }) => type),
  };
};

export const as = (id: string, more: Partial<CommandContext> = {}): CommandContext => ({
  actor: { kind: 'user', id },
  correlationId: 'request-1',
  ...more,
});

export const keyed = (key: string, fingerprint = 'same body'): Partial<CommandContext> => ({
  idempotency: { key, fingerprint },
});

export const accepted = (answer: JobAnswer): JobAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};

/** A job of ada's, due at `t(50)`. */
export const scheduledJob = async (bench: CommandBench, dueAt = t(50)): Promise<string> => {
  const { ownerId: _, ...request } = definition;
  return accepted(await bench.commands.schedule({ definition: request, dueAt }, as('ada'))).jobId;
};

/** Dispatches that job at its due time and gives the claim that its message leads to. */
export const dispatchedClaim = async (
  bench: CommandBench,
  jobId: string,
  executorId = 'x1',
): Promise<Claim & { readonly ticket: string }> => {
  bench.setNow(t(50));
  const due = { jobId, dueAt: t(50), attempt: 1, revision: 0n, timeoutMs: definition.timeoutMs };
  const answer = await bench.attempts.dispatch(due);
  if (answer.outcome !== 'dispatched') throw new Error(JSON.stringify(answer));
  return { jobId, attempt: 1, revision: answer.revision, executorId, ticket: answer.ticket };
};
