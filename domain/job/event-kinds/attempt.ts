import { digestOf } from '../../audit/digest';
import { finish } from '../../audit/job-trace';
import { because, duration, late, who, word } from '../../audit/phrases';
import { anything, isPositive, isText } from '../../events/fields';
import type { Json } from '../definition';
import { omissionText } from '../omission';
import { factsOf, finished, queued, running } from '../state';
import { jobEvent } from './kind';
import { notEarly, notTooLate, ofTheAttempt, withinPolicy } from './rules';

/** Events of an attempt that runs, failures aside. */
export const attempt = {
  JobStarted: jobEvent<{ readonly attempt: number; readonly executorId: string }>({
    fields: { attempt: isPositive, executorId: isText },
    lawfulIn: ['queued'],
    attempt: 'started',
    evolve: (state, fact) => {
      const job = queued(state, fact);
      return {
        ...factsOf(job),
        status: 'running',
        revision: fact.revision,
        startedAt: fact.at,
        executorId: fact.data.executorId,
        token: fact.revision,
        dispatchedAtRevision: job.dispatchedAtRevision,
        abortRequested: false,
      };
    },
    trace: (job, { at, data }) => {
      job.status = 'running';
      job.startedAt = at;
      job.executor = digestOf(data.executorId);
      job.isAbortRequested = false;
      job.startedAttempt = Math.max(job.startedAttempt, data.attempt);
    },
    rules: [
      notEarly,
      {
        name: 'one-start-per-attempt',
        breach: ({ startedAttempt }, { data }) =>
          data.attempt > startedAttempt ? undefined : `attempt ${data.attempt} starts once more`,
      },
      ofTheAttempt,
      withinPolicy,
      notTooLate,
    ],
    tell: ({ at, data }, { job, since }) =>
      `executor ${word(data.executorId)} claimed attempt ${data.attempt}, ${duration(at - since)} after it was sent, and started it ${late(at, job.dueAt)}`,
  }),

  JobSucceeded: jobEvent<{ readonly attempt: number; readonly result?: Json }>({
    fields: { attempt: isPositive, result: anything },
    lawfulIn: ['running'],
    attempt: 'ended',
    evolve: (state, fact) => {
      const { error: _earlierFailure, ...job } = running(state, fact);
      return finished(job, 'succeeded', fact, {
        ...(fact.data.result !== undefined && { result: fact.data.result }),
        endedAttempt: { attempt: job.attempt, token: job.token, outcome: 'succeeded' },
      });
    },
    trace: (job, event) => {
      finish(job, 'succeeded', event);
      if (event.data.result !== undefined) job.result = digestOf(JSON.stringify(event.data.result));
      job.error = Number.NaN;
    },
    rules: [ofTheAttempt],
    tell: ({ at, data }, { since }) => {
      const omission = omissionText(data.result);
      const leftOut =
        omission === undefined
          ? ''
          : `; what it gave back was left out of the result, for ${omission}`;
      return `attempt ${data.attempt} succeeded after ${duration(at - since)}${leftOut}`;
    },
  }),

  JobAbortRequested: jobEvent<{ readonly reason?: string }>({
    fields: { reason: anything },
    lawfulIn: ['running'],
    attempt: 'aside', // it runs on, since when it started
    evolve: (state, fact) => ({
      ...running(state, fact),
      revision: fact.revision,
      abortRequested: true,
    }),
    trace: (job) => {
      job.status = 'running';
      job.isAbortRequested = true;
    },
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} asked for an abort${because(data.reason)}`,
  }),

  JobAborted: jobEvent<{ readonly attempt: number }>({
    fields: { attempt: isPositive },
    lawfulIn: ['running', 'attempt-ended'],
    attempt: 'ended',
    evolve: (state, fact) => {
      const job = running(state, fact);
      return finished(job, 'aborted', fact, {
        endedAttempt:
          job.endedAttempt?.token === job.token
            ? job.endedAttempt
            : { attempt: job.attempt, token: job.token, outcome: 'aborted' },
      });
    },
    trace: (job, event) => {
      finish(job, 'aborted', event);
    },
    rules: [ofTheAttempt],
    tell: ({ data }) => `attempt ${data.attempt} was aborted`,
  }),
};
