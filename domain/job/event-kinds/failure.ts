import { digestOf } from '../../audit/digest';
import { finish, waitUntil } from '../../audit/job-trace';
import { duration, quoted, word } from '../../audit/phrases';
import { isCount, isObject, isPositive, isTime, optional } from '../../events/fields';
import { fromTimestamp, type Timestamp } from '../../time';
import type { FailureCause, JobError } from '../definition';
import { finished, known, running, untried, type EndedAttempt } from '../state';
import { jobEvent } from './kind';
import { differs, jobThatIs, ofTheAttempt } from './rules';

const causes: Readonly<Record<FailureCause, true>> = {
  reported: true,
  'timed-out': true,
  'executor-lost': true,
  undeliverable: true,
};

const errorText = ({ code, message }: JobError): string => `${word(code)}: ${quoted(message)}`;

/** Events of an attempt that did not succeed. */
export const failure = {
  JobAttemptFailed: jobEvent<{
    readonly attempt: number;
    readonly cause: FailureCause;
    readonly error: JobError;
    /** Of a time-out: for how long the attempt was seen to run, whatever the clocks said meanwhile. */
    readonly seenMs?: number;
    readonly retryAt?: Timestamp;
  }>({
    fields: {
      attempt: isPositive,
      cause: (value) => typeof value === 'string' && Object.hasOwn(causes, value),
      error: isObject,
      seenMs: optional(isCount),
      retryAt: optional(isTime),
    },
    lawfulIn: ['running', 'queued'],
    attempt: 'ended',
    evolve: (state, fact) => {
      const { cause, error, retryAt } = fact.data;
      // nobody has a token of an attempt that was never begun, so there is no report of it to answer
      const isBegun = state.status !== 'queued' || cause !== 'undeliverable';
      const job = isBegun ? running(state, fact) : state;
      const endedAttempt: EndedAttempt | undefined =
        job.status === 'running'
          ? { attempt: job.attempt, token: job.token, outcome: cause }
          : job.endedAttempt;
      const ended = { revision: fact.revision, error, ...(endedAttempt && { endedAttempt }) };
      if (retryAt === undefined) return { ...job, ...ended };
      return {
        ...untried(job),
        ...ended,
        status: 'scheduled',
        dueAt: fromTimestamp(retryAt),
        attempt: job.attempt + 1,
      };
    },
    trace: (job, event) => {
      const { attempt, error, retryAt } = event.data;
      job.error = digestOf(JSON.stringify(error));
      if (retryAt === undefined) {
        job.status = 'attempt-ended';
        return;
      }
      waitUntil(job, event);
      job.attempt = attempt + 1;
    },
    rules: [
      {
        name: 'legal-transition',
        breach: ({ status }, { data }) =>
          (status === 'queued' && data.cause !== 'undeliverable') ||
          (status === 'running' && data.cause === 'undeliverable')
            ? `an attempt ended as ${data.cause} in ${jobThatIs(status)}`
            : undefined,
      },
      ofTheAttempt,
      {
        name: 'attempts-within-policy',
        breach: ({ maxAttempts }, { data }) =>
          data.retryAt !== undefined && data.attempt >= maxAttempts && maxAttempts > 0
            ? `another try after attempt ${data.attempt}, ${maxAttempts} are allowed`
            : undefined,
      },
      {
        name: 'time-out-early',
        breach: ({ startedAt, timeoutMs }, { at, data }) => {
          // clocks may have been set in between: what the rescuer saw counts, where it says so
          const ranMs = data.seenMs ?? at - startedAt;
          return data.cause === 'timed-out' && ranMs < timeoutMs
            ? `timed out ${ranMs} ms after its start, ${timeoutMs} ms are allowed`
            : undefined;
        },
      },
    ],
    tell: ({ at, data }, { job, since }) => {
      const attempt = `attempt ${data.attempt}`;
      const spent = duration(at - since);
      const executor = job.status === 'running' ? ` ${word(job.executorId)}` : '';
      const what = {
        reported: `${attempt} failed after ${spent} with ${errorText(data.error)}`,
        'timed-out': `${attempt} timed out after ${spent}: ${data.error.message}`,
        'executor-lost':
          data.error.code === 'grant-lost'
            ? `${attempt} was given up after ${spent}: ${data.error.message}`
            : `${attempt} was lost after ${spent}: executor${executor} stopped beating`,
        undeliverable: `${attempt} ended without a start, ${spent} after it was sent: ${data.error.message}`,
      }[data.cause];
      if (data.retryAt === undefined) return `${what}; there is no further attempt`;
      const delay = duration(fromTimestamp(data.retryAt) - at);
      return `${what}; attempt ${data.attempt + 1} of ${job.definition.retry.maxAttempts} follows by policy after ${delay}`;
    },
  }),

  JobFailed: jobEvent<{ readonly attempts: number; readonly error: JobError }>({
    fields: { attempts: isPositive, error: isObject },
    lawfulIn: ['attempt-ended'],
    attempt: 'given-up',
    evolve: (state, fact) =>
      finished(known(state, fact), 'failed', fact, { error: fact.data.error }),
    trace: (job, event) => {
      finish(job, 'failed', event);
      job.error = digestOf(JSON.stringify(event.data.error));
    },
    rules: [
      {
        name: 'attempt-numbers',
        breach: ({ attempt, status }, { data: { attempts } }) =>
          status === 'none' || attempts === attempt
            ? undefined
            : differs('JobFailed after attempts', attempts, attempt),
      },
    ],
    tell: ({ data }, { job }) => {
      const { maxAttempts } = job.definition.retry;
      const why =
        data.attempts >= maxAttempts
          ? `all ${maxAttempts} attempts are used up`
          : 'a retry would be of no use';
      return `it failed for good after attempt ${data.attempts}, for ${why}; the last error was ${errorText(data.error)}`;
    },
  }),
};
