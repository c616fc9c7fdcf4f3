import { loadJob } from './job-stream';
import type { EventLog } from '../domain/event-log';

/**
 * Whether an executor may go on with an attempt, or may still be granted it: false once the attempt is over
 * or somebody else's. Reads the stream, for the read model may be behind.
 */
export const holdsAttempt =
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
