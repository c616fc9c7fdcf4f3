import type { EventLog } from '../domain/event-log';
import { claimCommand } from './claim';
import { dispatchCommand } from './dispatch';
import { loadJob } from './job-stream';
import type { AttemptDeps } from './process-order';
import { redispatchCommand } from './redispatch';
import { reportCommand } from './report';
import { rescueCommands } from './rescue';

/**
 * Whether an executor may go on with an attempt, or may still be granted it: false once the attempt is over
 * or somebody else's. Reads the stream, for the read model may be behind.
 */
const holdsAttempt =
  ({ log }: { readonly log: EventLog }) =>
  async (jobId: string, attempt: number, executorId: string): Promise<boolean> => {
    const { state } = await loadJob(log, jobId);
    switch (state.status) {
      case 'running':
        return state.attempt === attempt && state.executorId === executorId;
      case 'scheduled':
      case 'queued':
        return state.attempt === attempt;
      default:
        return false;
    }
  };

/**
 * What our own processes ask of a job. Every call may throw EventLogUnavailable or AppendOutcomeUnknown;
 * the same call again is then right, and does nothing twice.
 */
export const attemptCommands = (deps: AttemptDeps) => ({
  dispatch: dispatchCommand(deps),
  redispatch: redispatchCommand(deps),
  claim: claimCommand(deps),
  report: reportCommand(deps),
  holds: holdsAttempt(deps),
  ...rescueCommands(deps),
});

export type AttemptCommands = ReturnType<typeof attemptCommands>;
