import { parseArgs } from 'node:util';
import { jobHistory } from '../../commands/job-history';
import { scheduleAsOf } from '../../commands/schedules/schedule-as-of';
import type { AsOf } from '../../domain/audit/as-of';
import type { EventLog } from '../../domain/event-log';
import { scheduleViewOf } from '../../domain/schedule/view';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { changesFrom, tellDifferences } from './differences';
import { listPast } from './list';
import { listPastSchedules, scheduleFilterFrom } from './schedules';
import { fieldsText, historyText } from './texts';
import { filterFlags, filterFrom, idFrom, momentFrom, wholeFrom } from '../flag-values';
import { reportTo, type Report } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual as-of job JOB_ID --at MOMENT [--json]
       punctual as-of schedule SCHEDULE_ID --at MOMENT [--json]
       punctual as-of history JOB_ID --at MOMENT [--json]
       punctual as-of list --at MOMENT [filters] [--limit N] [--json]
       punctual as-of diff --at MOMENT [--with MOMENT] [filters] [--change A,B] [--limit N] [--json]
       punctual as-of schedules --at MOMENT [--owner ID] [--status A,B] [--q TEXT] [--limit N] [--json]

Tells how it stood then, folded from the log: a job, a schedule, a job's events up to then, a list of jobs, the latest
due time first, or of schedules, the newest first; diff tells in what a list of jobs differs between two moments.
Changes nothing. A list of jobs starts from the newest snapshots before MOMENT; without any it folds the log from its
start, which takes its time.

  --at MOMENT         an RFC 3339 time that has passed, such as 2026-11-23T10:00:00Z, or a log position
  --with MOMENT       for diff: the other moment (default now)
  --change A,B        for diff: appeared, left, status-changed, moved
  --owner ID          those of this owner
  --status A,B        those that were in one of these; not given: schedules that were not deleted
  --tag TAG, --queue NAME, --schedule ID, --error-code CODE
                      for jobs
  --q TEXT            those with it in their name, in upper or lower case
  --from T, --to T    jobs that were due at T or later, before T
  --limit N           the first N (default all)
  --json              JSON lines on stdout
${serverUsage}

Exit codes: 0 told; 1 it failed; 2 wrong flags; 4 there was no such job or schedule then.
`;

const NOT_THERE = 4;
/** May see every job. */
const OPERATOR = { kind: 'operator', id: 'cli' } as const;

const flags = {
  ...serverFlags,
  ...filterFlags,
  at: { type: 'string' },
  with: { type: 'string' },
  change: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** @throws UsageError */
const momentOf = ({ at }: Given): AsOf => {
  if (at === undefined) throw new UsageError('--at is missing: give a time or a log position');
  return momentFrom(at, systemClock.now());
};

const withLog = async <T>(
  given: Given,
  context: Context,
  work: (log: EventLog) => Promise<T>,
): Promise<T> => {
  const servers = await serversFrom(given, context);
  const client = openEventStore(servers.eventstoreUrl());
  try {
    return await work(eventStoreLog(client, servers.names.streams));
  } finally {
    await closeEventStore(client);
  }
};

type Telling = {
  readonly id: string;
  readonly asOf: AsOf;
  readonly report: Report;
  readonly signal: AbortSignal;
};

/** @returns whether there was one */
type Tell = (log: EventLog, telling: Telling) => Promise<boolean>;

const tellJob: Tell = async (log, { id, asOf, report }) => {
  const job = await jobHistory(log, systemClock).stateAsOf(id, OPERATOR, asOf);
  if (job) report.tell('job', job, fieldsText(job));
  return job !== undefined;
};

const tellHistory: Tell = async (log, { id, asOf, report }) => {
  const events = await jobHistory(log, systemClock).events(id, OPERATOR, asOf);
  for (const event of events ?? []) report.tell('event', event, historyText([event]));
  return events !== undefined;
};

const tellSchedule: Tell = async (log, { id, asOf, report, signal }) => {
  const past = await scheduleAsOf(log, id, OPERATOR, asOf, signal);
  if (past.outcome === 'too-long') throw new Error('it was stopped before the end of the stream');
  if (past.outcome === 'none') return false;
  const schedule = scheduleViewOf(id, past.known);
  report.tell('schedule', schedule, fieldsText(schedule));
  return true;
};

const tellOne = async (
  [what, tell]: readonly [what: 'job' | 'schedule', tell: Tell],
  given: Given,
  ids: readonly string[],
  context: Context,
): Promise<number> => {
  const id = idFrom(what, ids);
  const asOf = momentOf(given);
  const report = reportTo(context, given.json);
  const { signal } = context;
  const isKnown = await withLog(given, context, (log) => tell(log, { id, asOf, report, signal }));
  if (isKnown) return exitCode.done;
  context.stderr.write(`punctual as-of: there was no ${what} ${id} at ${given.at}\n`);
  return NOT_THERE;
};

const run: Verb['run'] = async (args, context) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: flags,
    allowPositionals: true,
  });
  const [what, ...rest] = positionals;
  const ofDiff = (['with', 'change'] as const).find((flag) => values[flag] !== undefined);
  if (what !== 'diff' && ofDiff)
    throw new UsageError(`--${ofDiff} is for differences: punctual as-of diff`);
  switch (what) {
    case 'job':
      return await tellOne(['job', tellJob], values, rest, context);
    case 'schedule':
      return await tellOne(['schedule', tellSchedule], values, rest, context);
    case 'history':
      return await tellOne(['job', tellHistory], values, rest, context);
    case 'list': {
      if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is no filter`);
      const asked = {
        asOf: momentOf(values),
        filter: filterFrom(values),
        ...(values.limit !== undefined && { limit: wholeFrom('limit', values.limit) }),
      };
      await listPast(await serversFrom(values, context), asked, context, values.json);
      return exitCode.done;
    }
    case 'diff': {
      if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is no filter`);
      const now = systemClock.now();
      const asked = {
        asOf: momentOf(values),
        other:
          values.with === undefined
            ? ({ kind: 'time', at: now } as const)
            : momentFrom(values.with, now),
        filter: filterFrom(values),
        ...changesFrom(values.change),
        ...(values.limit !== undefined && { limit: wholeFrom('limit', values.limit) }),
      };
      await tellDifferences(await serversFrom(values, context), asked, context, values.json);
      return exitCode.done;
    }
    case 'schedules': {
      if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is no filter`);
      const ofJobs = (['tag', 'queue', 'schedule', 'from', 'to'] as const).find(
        (flag) => values[flag] !== undefined,
      );
      if (ofJobs) throw new UsageError(`--${ofJobs} is for jobs: punctual as-of list`);
      const asked = {
        ...{ asOf: momentOf(values), actor: OPERATOR, filter: scheduleFilterFrom(values) },
        ...(values.limit !== undefined && { limit: wholeFrom('limit', values.limit) }),
      };
      await listPastSchedules(await serversFrom(values, context), asked, context, values.json);
      return exitCode.done;
    }
    default:
      throw new UsageError('say what to tell: job, schedule, history, list, diff or schedules');
  }
};

export const asOf: Verb = {
  summary:
    'a job, its history, a schedule or any list as it stood at a past moment, and in what two moments differ',
  usage,
  run,
};
