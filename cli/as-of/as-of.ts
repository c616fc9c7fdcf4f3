import { parseArgs } from 'node:util';
import { serverUsage } from '../servers';
import { exitCode, UsageError, type Verb } from '../verb';
import { flags } from './given';
import { lists } from './lists';
import { ones, tellOne } from './one';

const usage = `usage: punctual as-of job JOB_ID --at MOMENT [--json]
       punctual as-of schedule SCHEDULE_ID --at MOMENT [--json]
       punctual as-of history JOB_ID --at MOMENT [--json]
       punctual as-of list --at MOMENT [filters] [--limit N] [--json]
       punctual as-of diff --at MOMENT [--with MOMENT] [filters] [--change A,B] [--limit N] [--json]
       punctual as-of schedules --at MOMENT [--owner ID] [--status A,B] [--q TEXT] [--limit N] [--json]
       punctual as-of operation OPERATION_ID --at MOMENT [--json]
       punctual as-of items OPERATION_ID --at MOMENT [--limit N] [--json]
       punctual as-of operations --at MOMENT [--owner ID] [--status A,B] [--limit N] [--json]
       punctual as-of webhook WEBHOOK_ID --at MOMENT [--json]
       punctual as-of webhooks --at MOMENT [--owner ID] [--limit N] [--json]
       punctual as-of dead-letters --at MOMENT [--owner ID] [--limit N] [--json]

Tells how it stood then, folded from the log: a job, a schedule, an operation on many jobs, the jobs (items) of one, the
registration of a webhook, a job's events up to then, a list of jobs, the latest due time first, or of schedules,
operations or webhooks, the newest first, or dead letters by cause; diff tells in what a list of jobs differs between
two moments. Changes nothing. A list of jobs, and dead letters, start from the newest snapshots before MOMENT; without
any the log is folded from its start, which takes its time.

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

Exit codes: 0 told; 1 it failed; 2 wrong flags; 4 there was no such job, schedule, operation or webhook then.
`;

const named = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

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
    'a job, its history, a schedule, an operation, a webhook or any list as it stood at a past moment, and in what two moments differ',
  usage,
  run,
};
