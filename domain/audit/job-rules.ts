import { jobThatIs } from '../job/event-kinds/rules';
import { jobEventTypes, kindOf, type JobEventType } from '../job/events';
import { toTimestamp } from '../time';
import type { AuditRule } from './audited-event';
import { endStatuses, type JobTrace, type TraceStatus } from './job-trace';

type JobRule = AuditRule<JobTrace, object>;

/** The promises of every event of a type; each one out of place is told by one of these three names only. */
const placeRules = (type: JobEventType): readonly JobRule[] => {
  const { lawfulIn, attempt } = kindOf(type);
  const isSending = attempt === 'sent' || attempt === 'started';
  const isAfterCancel = (status: TraceStatus): boolean => status === 'cancelled' && isSending;
  const isAfterEnd = (status: TraceStatus): boolean =>
    endStatuses.includes(status) && !lawfulIn.includes(status);
  return [
    {
      name: 'started-after-cancel',
      breach: ({ status, finishedAt }) =>
        isAfterCancel(status)
          ? `${type} after the job was cancelled at ${toTimestamp(finishedAt)}`
          : undefined,
    },
    {
      name: 'after-the-end',
      breach: ({ status }) =>
        isAfterEnd(status) && !isAfterCancel(status)
          ? `${type} in ${jobThatIs(status)}`
          : undefined,
    },
    {
      name: 'legal-transition',
      breach: ({ status }) =>
        lawfulIn.includes(status) || isAfterEnd(status)
          ? undefined
          : `${type} in ${jobThatIs(status)}`,
    },
  ];
};

/** What an event of each type is held against, in this order. */
export const jobRules: ReadonlyMap<string, readonly JobRule[]> = new Map(
  jobEventTypes.map((type) => [type, [...placeRules(type), ...kindOf(type).rules]]),
);
