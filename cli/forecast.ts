import { parseArgs } from 'node:util';
import { forecastWindow, isForecastStep, type ForecastWindow } from '../domain/forecast';
import { toTimestamp } from '../domain/time';
import { systemClock } from '../infra/clock';
import { openDatabase } from '../infra/postgres/database';
import {
  forecast as forecastOf,
  type ForecastBucket,
  type ForecastQuery,
} from '../projections/queries/forecast';
import { filterFrom } from './flag-values';
import { reportTo, type Report } from './report';
import { serverFlags, serversFrom, serverUsage } from './servers';
import { exitCode, UsageError, type Context, type Verb } from './verb';

const usage = `usage: punctual forecast [--step minute|hour|day] [--from TIME] [--to TIME] [--by queue|owner]
                         [--queue NAME] [--owner ID] [--json]

Counts the jobs that wait by the minute, hour or day (of UTC) that they are due in, straight from the read
model. What is empty is left out.

  --step STEP         minute (the default), hour or day
  --from TIME         RFC 3339; now unless told. What is begun is counted whole
  --to TIME           exclusive; as far as the step allows unless told: 24 hours by minute, 31 days by hour,
                      366 days by day
  --by queue|owner    a line for each queue or each owner
  --queue NAME        only this queue
  --owner ID          only this owner's jobs
  --json              JSON lines: {"kind":"bucket",…} for each, and {"kind":"total",…}
${serverUsage}

Exit codes: 0 counted; 1 it failed; 2 wrong flags.
`;

type Asked = Pick<ForecastQuery, 'by' | 'queue' | 'ownerId'> & { readonly window: ForecastWindow };

const options = {
  ...serverFlags,
  step: { type: 'string', default: 'minute' },
  from: { type: 'string' },
  to: { type: 'string' },
  by: { type: 'string' },
  queue: { type: 'string' },
  owner: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;
type Values = ReturnType<typeof parse>;

const askedOf = ({ step, by, ...values }: Values): Asked => {
  if (!isForecastStep(step)) throw new UsageError(`--step ${step} is not minute, hour or day`);
  if (by !== undefined && by !== 'queue' && by !== 'owner')
    throw new UsageError(`--by ${by} is not queue or owner`);
  const { from, to, ...filter } = filterFrom(values);
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const window = forecastWindow({ step, ...bounds }, systemClock.now());
  if ('problem' in window)
    throw new UsageError(
      window.problem === 'too-long'
        ? `that is too long by ${step}: take a longer --step or an earlier --to`
        : '--to is before --from',
    );
  return { window, ...filter, ...(by && { by }) };
};

const PAGE_BUCKETS = 10_000;
/** It only reads: nobody else waits for it. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000;

const allBuckets = async (
  url: string,
  { window, ...filter }: Asked,
  signal: AbortSignal,
): Promise<readonly ForecastBucket[]> => {
  const db = openDatabase({
    url,
    applicationName: 'punctual-forecast',
    poolSize: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    const buckets: ForecastBucket[] = [];
    let after: ForecastQuery['after'];
    do {
      signal.throwIfAborted();
      const page = { ...window, ...filter, limit: PAGE_BUCKETS, ...(after && { after }) };
      const { buckets: more, next } = await forecastOf(db)(page);
      for (const bucket of more) buckets.push(bucket);
      after = next;
    } while (after);
    return buckets;
  } finally {
    await db.destroy();
  }
};

const BAR_WIDTH = 40;

/** At least one block: what is listed is not empty. */
const barOf = (jobs: number, most: number): string =>
  '█'.repeat(Math.max(1, Math.round((jobs / most) * BAR_WIDTH)));

/** As long as its step makes it: `2026-11-23T10:05Z`, by day `2026-11-23`. */
const timeText = (at: number, { step }: ForecastWindow): string =>
  step === 'day' ? toTimestamp(at).slice(0, 10) : `${toTimestamp(at).slice(0, 16)}Z`;

const tellAll = (
  report: Report,
  buckets: readonly ForecastBucket[],
  { window, by }: Asked,
): void => {
  const most = buckets.reduce((max, { jobs }) => Math.max(max, jobs), 0);
  const groupWidth = buckets.reduce((max, { group }) => Math.max(max, group.length), 0);
  const width = String(most).length;
  for (const { at, group, jobs } of buckets) {
    const name = by === undefined ? '' : ` ${group.padEnd(groupWidth)}`;
    const line = `${timeText(at, window)}${name} ${String(jobs).padStart(width)} ${barOf(jobs, most)}`;
    const its = by && { [by === 'owner' ? 'ownerId' : 'queue']: group };
    report.tell('bucket', { at: toTimestamp(at), jobs, ...its }, line);
  }
  const jobs = buckets.reduce((sum, bucket) => sum + bucket.jobs, 0);
  const [from, to] = [toTimestamp(window.from), toTimestamp(window.to)];
  const text = `${jobs} jobs wait from ${from} to ${to}, by ${window.step}`;
  report.tell('total', { from, to, step: window.step, jobs }, text);
};

const run = async (args: readonly string[], context: Context): Promise<number> => {
  const values = parse(args);
  const asked = askedOf(values);
  const url = (await serversFrom(values, context)).postgresUrl();
  const buckets = await allBuckets(url, asked, context.signal);
  tellAll(reportTo(context, values.json), buckets, asked);
  return exitCode.done;
};

export const forecast: Verb = {
  summary: 'count the jobs that wait, by time',
  usage,
  run,
};
