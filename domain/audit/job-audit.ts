import { jobIdOf } from '../ids';
import type { JobEventType } from '../job/events';
import { toTimestamp, type Instant } from '../time';
import { isBalanced, openAccounts, type Account } from './accounts';
import type { AuditedEvent } from './audited-event';
import { jobRules, type JobRule } from './job-rules';
import { advance } from './job-step';
import { emptyTrace, shownStatus, type JobTrace } from './job-trace';
import { openOccurrences } from './occurrences';
import { traceTable } from './trace-table';
import type { EventPlace, Violation } from './violation';

export type JobAudit = {
  /** Whether any event of the stream was taken or seeded. */
  readonly knows: (stream: string) => boolean;
  /** Holds an event against the rules. Events of one stream come in the order of the log. */
  readonly take: (stream: string, event: AuditedEvent) => void;
  /** Believes an event that lies before what is to be verified. */
  readonly seed: (stream: string, event: AuditedEvent) => void;
  /** Tells of an event that cannot be read, and goes on after it. */
  readonly skip: (place: EventPlace, why: string, isSeed: boolean) => void;
  /** The job of a stream as it stands; undefined when it is not known. Valid until the next call of anything. */
  readonly standing: (stream: string) => Readonly<JobTrace> | undefined;
  /** A number from 0 on for each stream that is known, in the order in which they came. */
  readonly numberOf: (stream: string) => number | undefined;
  /** Streams of which the first event that came is not their first, with that event. */
  readonly lateBegins: () => ReadonlyMap<string, EventPlace>;
  /** How many streams are known. */
  readonly size: () => number;
  /** All streams with their numbers and jobs; the same object each time, filled anew. */
  readonly all: () => Iterable<readonly [stream: string, number: number, job: Readonly<JobTrace>]>;
  /**
   * What only the end shows: jobs that hang, and sums that do not add up.
   *
   * @param now  when the log ended; a job that had to move longer than `overdueAfterMs` before hangs
   */
  readonly end: (now: Instant, overdueAfterMs: number) => readonly Account[];
};

const rulesOf = new Map<JobEventType, readonly JobRule[]>(
  [...new Set(jobRules.flatMap(({ of }) => of))].map((type) => [
    type,
    jobRules.filter(({ of }) => of.includes(type)),
  ]),
);

/** Rule that what is left of a job must keep too. */
const REVISIONS = 'revision-gap';

const subjectOf = (stream: string): string => jobIdOf(stream) ?? stream;

const placeOf = (stream: string, { revision, position, type }: AuditedEvent): EventPlace => ({
  stream,
  revision: BigInt(revision),
  position: BigInt(position),
  type,
});

/** Place of the event that brought the job to where it stands. */
const lastPlace = (stream: string, job: Readonly<JobTrace>): readonly EventPlace[] =>
  job.revision < 0
    ? []
    : [
        {
          stream,
          revision: BigInt(job.revision),
          position: BigInt(job.position),
          type: job.lastType || 'unreadable',
        },
      ];

/** When the job had to move at the latest; NaN for one that is at its end. */
const dueToMove = (job: Readonly<JobTrace>): Instant => {
  switch (job.status) {
    case 'scheduled':
      return job.dueAt;
    case 'queued':
      return Math.max(job.dueAt, job.sentAt);
    case 'running':
    case 'attempt-ended':
      return job.startedAt + job.timeoutMs;
    default:
      return Number.NaN;
  }
};

/** Holds jobs against the spec, independently of the code that decided and folded them. */
export const jobAudit = (report: (violation: Violation) => void): JobAudit => {
  const table = traceTable();
  const accounts = openAccounts();
  const occurrences = openOccurrences();
  const job = emptyTrace();
  const lateBegins = new Map<string, EventPlace>();

  const load = (stream: string): number => {
    const row = table.rowOf(stream);
    if (row === undefined) {
      Object.assign(job, emptyTrace());
      return table.add(stream);
    }
    table.load(row, job);
    return row;
  };

  /** Whoever looks at metadata says why the events before it are missing. */
  const beginsLate = (place: EventPlace): void => {
    if (job.revision >= 0 || place.revision === 0n) return;
    lateBegins.set(place.stream, place);
    job.isHeadless = place.type !== ('JobScheduled' satisfies JobEventType);
    job.revision = Number(place.revision) - 1;
  };

  const checkOccurrence = (stream: string, event: AuditedEvent): void => {
    if (event.type !== 'JobScheduled') return;
    const { scheduleId, occurrenceAt } = event.data;
    if (scheduleId === undefined || occurrenceAt === undefined) return;
    const other = occurrences.claim(scheduleId, occurrenceAt, stream);
    if (other === undefined) return;
    report({
      rule: 'one-job-per-occurrence',
      subject: subjectOf(stream),
      message: `the occurrence ${occurrenceAt} of schedule ${scheduleId} has job ${subjectOf(other)} already`,
      events: [placeOf(stream, event)],
    });
  };

  const check = (stream: string, event: AuditedEvent): void => {
    for (const { name, breach } of rulesOf.get(event.type) ?? []) {
      if (job.isHeadless && name !== REVISIONS) continue; // all others need what came before
      const message = breach(job, event);
      if (message === undefined) continue;
      const events = [...lastPlace(stream, job), placeOf(stream, event)];
      report({ rule: name, subject: subjectOf(stream), message, events });
    }
  };

  function* all(): Generator<readonly [string, number, Readonly<JobTrace>]> {
    for (const [stream, row] of table.streams()) {
      table.load(row, job);
      yield [stream, row, job];
    }
  }

  const checkOutcome = (stream: string, now: Instant, overdueAfterMs: number): void => {
    const since = dueToMove(job);
    if (!(now - since > overdueAfterMs)) return;
    report({
      rule: 'missing-outcome',
      subject: subjectOf(stream),
      message: `${shownStatus(job.status)} and nothing happens, due since ${toTimestamp(since)}`,
      events: lastPlace(stream, job),
    });
  };

  return {
    knows: (stream) => table.rowOf(stream) !== undefined,
    take: (stream, event) => {
      const row = load(stream);
      beginsLate(placeOf(stream, event));
      check(stream, event);
      if (event.type === 'JobScheduled') {
        job.account = accounts.open(event.at, event.data.ownerId);
        checkOccurrence(stream, event);
      }
      advance(job, event);
      table.save(row, job);
    },
    seed: (stream, event) => {
      const row = load(stream);
      beginsLate(placeOf(stream, event));
      advance(job, event);
      table.save(row, job);
    },
    skip: (place, why, isSeed) => {
      const row = load(place.stream);
      beginsLate(place);
      if (!isSeed)
        report({
          rule: 'unreadable-event',
          subject: subjectOf(place.stream),
          message: why,
          events: [place],
        });
      job.revision = Number(place.revision);
      job.position = Number(place.position);
      job.lastType = '';
      table.save(row, job);
    },
    standing: (stream) => {
      const row = table.rowOf(stream);
      if (row === undefined) return undefined;
      table.load(row, job);
      return job;
    },
    numberOf: table.rowOf,
    lateBegins: () => lateBegins,
    size: table.size,
    all,
    end: (now, overdueAfterMs) => {
      for (const [stream] of all()) {
        if (!job.isHeadless) checkOutcome(stream, now, overdueAfterMs);
        if (job.account >= 0 && job.status !== 'none') accounts.settle(job.account, job.status);
      }
      const books = accounts.all();
      for (const account of books) if (!isBalanced(account)) report(unbalanced(account));
      return books;
    },
  };
};

const unbalanced = (account: Account): Violation => {
  const { day, ownerId, scheduled, succeeded, failed, cancelled, expired, aborted, pending } =
    account;
  const sum = `${succeeded} + ${failed} + ${cancelled} + ${expired} + ${aborted} + ${pending}`;
  return {
    rule: 'conservation',
    subject: `${day} ${ownerId}`,
    message: `scheduled ${scheduled}, but succeeded + failed + cancelled + expired + aborted + pending is ${sum}`,
    events: [],
  };
};
