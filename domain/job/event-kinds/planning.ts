import { definitionDigest, originDigest, textsOf } from '../../audit/digest';
import { emptyTrace, finish, waitUntil } from '../../audit/job-trace';
import { because, dueIn, duration, quoted, utc, who, word } from '../../audit/phrases';
import {
  anything,
  exactInstant,
  isCount,
  isObject,
  isPositive,
  isText,
  isTexts,
  isTime,
  optional,
  type Fields,
} from '../../events/fields';
import { fromTimestamp, type Instant, type Timestamp } from '../../time';
import type { JobDefinition } from '../definition';
import { finished, known, untried } from '../state';
import { changeable, jobEvent } from './kind';
import { dueDiffers, statesDueTime } from './rules';

const definition: Fields<JobDefinition> = {
  ownerId: isText,
  name: isText,
  location: isText,
  payload: anything,
  queue: isText,
  timeoutMs: isCount,
  retry: (value) => isObject(value) && isPositive(value['maxAttempts']),
  cutoffMs: isCount,
  maxLatenessMs: optional(isCount),
  tags: isTexts,
  scheduleId: optional(isText),
  occurrenceAt: optional(isText),
};

/** Where a time lies as seen from the due time. */
const besideDue = (at: Instant, dueAt: Instant): string => {
  if (at === dueAt) return 'at its due time';
  return at < dueAt
    ? `${duration(dueAt - at)} before its due time`
    : `${duration(at - dueAt)} after its due time`;
};

// The type names and the fields of all kinds are the storage format: never renamed, never removed.

/** Events that give a job its due time or take it away. */
export const planning = {
  JobScheduled: jobEvent<JobDefinition & { readonly dueAt: Timestamp }>({
    fields: { dueAt: isTime, ...definition },
    lawfulIn: ['none'],
    attempt: 'planned',
    evolve: (_state, { at, revision, data: { dueAt, ...definition } }) => ({
      status: 'scheduled',
      definition,
      dueAt: fromTimestamp(dueAt),
      attempt: 1,
      revision,
      scheduledAt: at,
    }),
    trace: (job, event) => {
      const { account } = job;
      Object.assign(job, emptyTrace(), { account });
      waitUntil(job, event);
      const { dueAt: _dueAt, ...definition } = event.data;
      job.scheduledAt = event.at;
      job.attempt = 1;
      job.maxAttempts = definition.retry.maxAttempts;
      job.timeoutMs = definition.timeoutMs;
      job.maxLatenessMs = definition.maxLatenessMs ?? Number.NaN;
      job.definition = definitionDigest(textsOf(definition));
      job.origin = originDigest(definition.scheduleId, definition.occurrenceAt);
    },
    rules: [],
    tell: ({ at, data, metadata }) => {
      const occurrence =
        data.occurrenceAt === undefined ? '' : ` for its occurrence ${word(data.occurrenceAt)}`;
      const origin =
        data.scheduleId === undefined ? '' : ` by schedule ${word(data.scheduleId)}${occurrence}`;
      return `${who(metadata.actor)} scheduled ${quoted(data.name)}${origin} on queue ${word(data.queue)}: due ${dueIn(fromTimestamp(data.dueAt), at)}`;
    },
  }),

  JobRescheduled: jobEvent<{
    readonly dueAt: Timestamp;
    readonly previousDueAt: Timestamp;
    readonly reason?: string;
  }>({
    fields: { dueAt: isTime, previousDueAt: isTime, reason: anything },
    lawfulIn: changeable,
    attempt: 'withdrawn',
    evolve: (state, fact) => ({
      ...untried(known(state, fact)),
      status: 'scheduled',
      revision: fact.revision,
      dueAt: fromTimestamp(fact.data.dueAt),
    }),
    trace: waitUntil,
    rules: [
      {
        name: 'stated-due-time',
        breach: (job, { type, data }) => dueDiffers(type, exactInstant(data.previousDueAt), job),
      },
    ],
    tell: ({ at, data, metadata }, { job }) => {
      const [from, to] = [fromTimestamp(data.previousDueAt), fromTimestamp(data.dueAt)];
      const direction = to < from ? 'earlier' : 'later';
      const where =
        to <= at
          ? 'so that it is due at once'
          : `to ${utc(to)}, ${duration(Math.abs(to - from))} ${direction}`;
      const message = job.status === 'queued' ? '; the message already sent is void' : '';
      return `${who(metadata.actor)} moved it from ${utc(from)} ${where}${because(data.reason)}${message}`;
    },
  }),

  JobCancelled: jobEvent<{ readonly dueAt: Timestamp; readonly reason?: string }>({
    fields: { dueAt: isTime, reason: anything },
    lawfulIn: changeable,
    attempt: 'withdrawn',
    evolve: (state, fact) => finished(known(state, fact), 'cancelled', fact),
    trace: (job, event) => {
      finish(job, 'cancelled', event);
    },
    rules: [statesDueTime('stated-due-time')],
    tell: ({ at, data, metadata }, { job }) =>
      `${who(metadata.actor)} cancelled it ${besideDue(at, job.dueAt)} and before its start${because(data.reason)}`,
  }),

  JobRedriven: jobEvent<{ readonly dueAt: Timestamp }>({
    fields: { dueAt: isTime },
    lawfulIn: ['failed'],
    attempt: 'planned',
    evolve: (state, fact) => ({
      ...untried(known(state, fact)),
      status: 'scheduled',
      revision: fact.revision,
      dueAt: fromTimestamp(fact.data.dueAt),
      attempt: 1,
    }),
    trace: (job, event) => {
      waitUntil(job, event);
      job.attempt = 1;
      job.startedAttempt = 0;
    },
    rules: [],
    tell: ({ metadata }) =>
      `${who(metadata.actor)} redrove it: due at once, attempts counted afresh`,
  }),
};
