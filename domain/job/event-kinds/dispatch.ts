import { clean, finish } from '../../audit/job-trace';
import { duration, late, who, word } from '../../audit/phrases';
import { dispatchableAt, HELD_BACK_OR_AWAY } from '../../audit/waiting';
import { isCount, isPositive, isTime } from '../../events/fields';
import { fromTimestamp, toTimestamp, type Timestamp } from '../../time';
import { finished, known, queued, untried } from '../state';
import { changeable, jobEvent } from './kind';
import {
  differs,
  latestAt,
  notEarly,
  notTooLate,
  ofTheAttempt,
  statesDueTime,
  withinPolicy,
} from './rules';

/** A dispatch that came longer than this after it could have come was waited for. */
const WAITED_FROM_MS = 5_000;

/** Events of a job that is due and has not started. */
export const dispatch = {
  JobDispatched: jobEvent<{ readonly attempt: number; readonly dueAt: Timestamp }>({
    fields: { attempt: isPositive, dueAt: isTime },
    lawfulIn: ['scheduled'],
    attempt: 'sent',
    evolve: (state, fact) => ({
      ...untried(known(state, fact)),
      status: 'queued',
      revision: fact.revision,
      dispatchedAt: fact.at,
      dispatchedAtRevision: fact.revision,
      delivery: 1,
    }),
    trace: (job, { at }) => {
      clean(job);
      job.status = 'queued';
      job.dispatchedAt = at;
      job.sentAt = at;
      job.delivery = 1;
    },
    rules: [notEarly, ofTheAttempt, withinPolicy, statesDueTime('dispatch-due-time'), notTooLate],
    tell: ({ at, data, metadata }, found) => {
      const waitMs = at - dispatchableAt(found);
      const why = waitMs < WAITED_FROM_MS ? '' : `: ${HELD_BACK_OR_AWAY}`;
      return `${who(metadata.actor)} sent attempt ${data.attempt} to queue ${word(found.job.definition.queue)}, ${late(at, fromTimestamp(data.dueAt))}${why}`;
    },
  }),

  JobRedispatched: jobEvent<{ readonly attempt: number; readonly delivery: number }>({
    fields: { attempt: isPositive, delivery: isCount },
    lawfulIn: ['queued'],
    attempt: 'sent',
    evolve: (state, fact) => ({
      ...queued(state, fact),
      revision: fact.revision,
      dispatchedAtRevision: fact.revision,
      delivery: fact.data.delivery,
    }),
    trace: (job, { at, data }) => {
      job.status = 'queued';
      job.sentAt = at;
      job.delivery = data.delivery;
    },
    rules: [
      ofTheAttempt,
      {
        name: 'attempt-numbers',
        breach: ({ delivery, status }, { data }) =>
          status !== 'queued' || data.delivery === delivery + 1
            ? undefined
            : differs('JobRedispatched with delivery', data.delivery, delivery + 1),
      },
    ],
    tell: ({ at, data, metadata }, { job, since }) =>
      `${who(metadata.actor)} sent attempt ${data.attempt} again, delivery ${data.delivery}: nobody had claimed it for ${duration(at - since)}, the message was lost or executors of queue ${word(job.definition.queue)} were missing`,
  }),

  JobExpired: jobEvent<{ readonly dueAt: Timestamp; readonly maxLatenessMs: number }>({
    fields: { dueAt: isTime, maxLatenessMs: isCount },
    lawfulIn: changeable,
    attempt: 'expired',
    evolve: (state, fact) => finished(known(state, fact), 'expired', fact),
    trace: (job, event) => {
      finish(job, 'expired', event);
    },
    rules: [
      statesDueTime('stated-due-time'),
      {
        name: 'lateness-limit',
        breach: (job, { at }) =>
          job.status === 'none' || at > latestAt(job)
            ? undefined
            : `JobExpired at ${toTimestamp(at)}, which is not too late for the job`,
      },
    ],
    tell: ({ at, data }, { job }) =>
      `it expired: ${duration(at - job.dueAt)} after its due time, and it may be no later than ${duration(data.maxLatenessMs)}`,
  }),
};
