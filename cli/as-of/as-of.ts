import { parseArgs } from 'node:util';
import { jobHistory } from '../../commands/job-history';
import { scheduleAsOf } from '../../commands/schedules/schedule-as-of';
import type { AsOf } from '../../domain/audit/as-of';
import type { EventLog } from '../../domain/event-log';
import { scheduleViewOf } from '../../domain/schedule/view';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { tellDeadLetters } from './dead-letters';
import { changesFrom, tellDifferences } from './differences';
import { listPast } from './list';
import { listPastOperations, operationFilterFrom, tellItems, tellOperation } from './operations';
import { listPastSchedules, scheduleFilterFrom } from './schedules';
import type { Tell } from './telling';
import { fieldsText, historyText } from './texts';
import { filterFlags, filterFrom, idFrom, momentFrom, wholeFrom } from '../flag-values';
import { reportTo } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual as-of job JOB_ID --at MOMENT [--json]
       punctual as-of schedule SCHEDULE_ID --at MOMENT [--json]
       punctual as-of history JOB_ID --at MOMENT [--json]
       punctual as-of list --at MOMENT [filters] [--limit N] [--json]
       punctual as-of diff --at MOMENT [--with MOMENT] [filters] [--change A,B] [--limit N] [--json]
       punctual as-of schedules --at MOMENT [--owner ID] [--status A,B] [--q TEXT] [--limit N] [--json]
       punctual as-of operation OPERATION_ID --at MOMENT [--json]
       punctual as-of items OPERATION_ID --at MOMENT [--limit N] [--json]
       punctual as-of operations --at MOMENT [--owner ID] [--status A,B] [--limit N] [--json]
       punctual as-of dead-letters --at MOMENT [--owner ID] [--limit N] [--json]

Tells how it stood then, folded from the log: a job, a schedule, an operation on many jobs, the jobs (items) of one, a
job's events up to then, a list of jobs, the latest due time first, or of schedules or operations, the newest first, or
dead letters by cause; diff tells in what a list of jobs differs between two moments. Changes nothing. A list of jobs,
and dead letters, start from the newest snapshots before MOMENT; without any the log is folded from its start, which
takes its time.

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

Exit codes: 0 told; 1 it failed; 2 wrong flags; 4 there was no such job, schedule or operation then.
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

const tellJob: Tell = async (log, { id, actor, asOf, report }) => {
  const job = await jobHistory(log, systemClock).stateAsOf(id, actor, asOf);
  if (job) report.tell('job', job, fieldsText(job));
  return job !== undefined;
};

const tellHistory: Tell = async (log, { id, actor, asOf, report }) => {
  const events = await jobHistory(log, systemClock).events(id, actor, asOf);
  for (const event of events ?? []) report.tell('event', event, historyText([event]));
  return events !== undefined;
};

const tellSchedule: Tell = async (log, { id, actor, asOf, report, signal }) => {
  const past = await scheduleAsOf(log, id, actor, asOf, signal);
  if (past.outcome === 'too-long') throw new Error('it was stopped before the end of the stream');
  if (past.outcome === 'none') return false;
  const schedule = scheduleViewOf(id, past.known);
  report.tell('schedule', schedule, fieldsText(schedule));
  return true;
};

/** What is told of one thing, from the log alone. */
const ones: Readonly<
  Record<string, readonly [what: 'job' | 'schedule' | 'operation', tell: Tell]>
> = {
  job: ['job', tellJob],
  history: ['job', tellHistory],
  schedule: ['schedule', tellSchedule],
  operation: ['operation', tellOperation],
  items: ['operation', tellItems],
};

const named = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const limitFrom = ({ limit }: Given): { readonly limit?: number } =>
  limit === undefined ? {} : { limit: wholeFrom('limit', limit) };

const tellOne = async (
  [what, tell]: readonly ['job' | 'schedule' | 'operation', Tell],
  given: Given,
  ids: readonly string[],
  context: Context,
): Promise<number> => {
  const id = idFrom(what, ids);
  const telling = {
    ...{ id, actor: OPERATOR, asOf: momentOf(given), ...limitFrom(given) },
    ...{ report: reportTo(context, given.json), signal: context.signal },
  };
  const isKnown = await withLog(given, context, (log) => tell(log, telling));
  if (isKnown) return exitCode.done;
  context.stderr.write(`punctual as-of: there was no ${what} ${id} at ${given.at}\n`);
  return NOT_THERE;
};

/** Flags of lists of jobs that no other list has. */
const OF_JOBS = ['tag', 'queue', 'schedule', 'error-code', 'from', 'to'] as const;

/** @throws UsageError */
const withoutFlags = (given: Given, flagsOfOthers: readonly (keyof typeof filterFlags)[]): void => {
  const other = flagsOfOthers.find((flag) => given[flag] !== undefined);
  if (other) throw new UsageError(`--${other} is for jobs: punctual as-of list`);
};

/** Lists, each by its name. */
const lists: Readonly<Record<string, (given: Given, context: Context) => Promise<void>>> = {
  list: async (given, context) => {
    const asked = { asOf: momentOf(given), filter: filterFrom(given), ...limitFrom(given) };
    await listPast(await serversFrom(given, context), asked, context, given.json);
  },
  diff: async (given, context) => {
    const now = systemClock.now();
    const asked = {
      asOf: momentOf(given),
      other:
        given.with === undefined
          ? ({ kind: 'time', at: now } as const)
          : momentFrom(given.with, now),
      filter: filterFrom(given),
      ...changesFrom(given.change),
      ...limitFrom(given),
    };
    await tellDifferences(await serversFrom(given, context), asked, context, given.json);
  },
  schedules: async (given, context) => {
    withoutFlags(given, OF_JOBS);
    const asked = {
      ...{ asOf: momentOf(given), actor: OPERATOR, filter: scheduleFilterFrom(given) },
      ...limitFrom(given),
    };
    await listPastSchedules(await serversFrom(given, context), asked, context, given.json);
  },
  operations: async (given, context) => {
    withoutFlags(given, [...OF_JOBS, 'q']);
    const asked = {
      ...{ asOf: momentOf(given), actor: OPERATOR, filter: operationFilterFrom(given) },
      ...limitFrom(given),
    };
    await listPastOperations(await serversFrom(given, context), asked, context, given.json);
  },
  'dead-letters': async (given, context) => {
    withoutFlags(given, [...OF_JOBS, 'q', 'status']);
    const { limit: maxCauses = Infinity } = limitFrom(given);
    const asked = { asOf: momentOf(given), ownerId: given.owner, maxCauses };
    await tellDeadLetters(await serversFrom(given, context), asked, context, given.json);
  },
};

const run: Verb['run'] = async (args, context) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: flags,
    allowPositionals: true,
  });
  const [what = '', ...rest] = positionals;
  const ofDiff = (['with', 'change'] as const).find((flag) => values[flag] !== undefined);
  if (what !== 'diff' && ofDiff)
    throw new UsageError(`--${ofDiff} is for differences: punctual as-of diff`);
  const one = named(ones, what);
  if (one) return await tellOne(one, values, rest, context);
  const list = named(lists, what);
  if (!list)
    throw new UsageError(
      `say what to tell: ${[...Object.keys(ones), ...Object.keys(lists)].join(', ')}`,
    );
  if (rest.length > 0) throw new UsageError(`${JSON.stringify(rest[0])} is no filter`);
  await list(values, context);
  return exitCode.done;
};

export const asOf: Verb = {
  summary:
    'a job, its history, a schedule, an operation or any list as it stood at a past moment, and in what two moments differ',
  usage,
  run,
};
