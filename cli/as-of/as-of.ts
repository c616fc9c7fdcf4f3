import { parseArgs } from 'node:util';
import { jobHistory, type JobHistory } from '../../commands/job-history';
import type { AsOf } from '../../domain/audit/as-of';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { listPast } from './list';
import { historyText, jobText } from './texts';
import { filterFlags, filterFrom, jobIdFrom, momentFrom, wholeFrom } from '../flag-values';
import { reportTo, type Report } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual as-of job JOB_ID --at MOMENT [--json]
       punctual as-of history JOB_ID --at MOMENT [--json]
       punctual as-of list --at MOMENT [filters] [--limit N] [--json]

Tells how it stood then, folded from the log: a job, its events up to then, or a list, the latest due time
first. Changes nothing. A list starts from the newest snapshots before MOMENT; without any it folds the log
from its start, which takes its time.

  --at MOMENT         an RFC 3339 time that has passed, such as 2026-11-23T10:00:00Z, or a log position
  --owner ID          jobs of this owner
  --status A,B        jobs that were in one of these
  --tag TAG, --queue NAME, --schedule ID
  --q TEXT            jobs with it in their name, in upper or lower case
  --from T, --to T    jobs that were due at T or later, before T
  --limit N           the first N jobs (default all)
  --json              JSON lines on stdout
${serverUsage}

Exit codes: 0 told; 1 it failed; 2 wrong flags; 4 there was no such job then.
`;

const NO_SUCH_JOB = 4;
/** May see every job. */
const OPERATOR = { kind: 'operator', id: 'cli' } as const;

const flags = {
  ...serverFlags,
  ...filterFlags,
  at: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** @throws UsageError */
const momentOf = ({ at }: Given): AsOf => {
  if (at === undefined) throw new UsageError('--at is missing: give a time or a log position');
  return momentFrom(at, systemClock.now());
};

const withHistory = async <T>(
  given: Given,
  context: Context,
  work: (history: JobHistory) => Promise<T>,
): Promise<T> => {
  const servers = await serversFrom(given, context);
  const client = openEventStore(servers.eventstoreUrl());
  try {
    return await work(jobHistory(eventStoreLog(client, servers.names.streams), systemClock));
  } finally {
    await closeEventStore(client);
  }
};

type Telling = {
  readonly jobId: string;
  readonly asOf: AsOf;
  readonly report: Report;
};

const tellJob = async (history: JobHistory, { jobId, asOf, report }: Telling): Promise<boolean> => {
  const job = await history.stateAsOf(jobId, OPERATOR, asOf);
  if (job) report.tell('job', job, jobText(job));
  return job !== undefined;
};

const tellHistory = async (
  history: JobHistory,
  { jobId, asOf, report }: Telling,
): Promise<boolean> => {
  const events = await history.events(jobId, OPERATOR, asOf);
  for (const event of events ?? []) report.tell('event', event, historyText([event]));
  return events !== undefined;
};

const tellOne = async (
  tell: typeof tellJob,
  given: Given,
  ids: readonly string[],
  context: Context,
): Promise<number> => {
  const jobId = jobIdFrom(ids);
  const asOf = momentOf(given);
  const report = reportTo(context, given.json);
  const isKnown = await withHistory(given, context, (history) =>
    tell(history, { jobId, asOf, report }),
  );
  if (isKnown) return exitCode.done;
  context.stderr.write(`punctual as-of: there was no job ${jobId} at ${given.at}\n`);
  return NO_SUCH_JOB;
};

const run: Verb['run'] = async (args, context) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: flags,
    allowPositionals: true,
  });
  const [what, ...rest] = positionals;
  switch (what) {
    case 'job':
      return await tellOne(tellJob, values, rest, context);
    case 'history':
      return await tellOne(tellHistory, values, rest, context);
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
    default:
      throw new UsageError('say what to tell: job, history or list');
  }
};

export const asOf: Verb = {
  summary: 'a job, its history or any list as it stood at a past moment',
  usage,
  run,
};
