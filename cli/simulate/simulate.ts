import { parseArgs } from 'node:util';
import { byMinute } from '../../domain/simulation/by-minute';
import type { Durations, Load } from '../../domain/simulation/load';
import { simulate as simulated, type SimulationSettings } from '../../domain/simulation/simulate';
import { toTimestamp } from '../../domain/time';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { readNewest } from '../../infra/eventstore/lossless-events';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { openDatabase } from '../../infra/postgres/database';
import { dueTimes } from '../../projections/queries/due-times';
import { durationMsFrom, instantFrom, wholeFrom } from '../flag-values';
import { livenessOf, pacingFrom } from '../pace';
import { reportTo, type Report } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { loadOfLog, loadOfWaiting, syntheticLoad, type Window } from './loads';
import { pairsFrom, settingFlags, settingNames, settingsFrom } from './settings';
import { minuteTable, totalText } from './table';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual simulate --log|--forecast|--synthetic SPEC [settings] [--against SETTINGS] [--json]

Plays a load through dispatchers and executors on a virtual clock and tells by the minute how much is under
way and how late jobs start, in ms. Changes nothing. The same load, settings and seed give the same output.

The load, one of:
  --log               what ran, from the event log: when each attempt was due and how long it took
  --forecast          the jobs that wait, from the read model; durations are assumed
  --synthetic SPEC    made up: jobs=100000,over=1h,pattern=uniform|top-of-hour|burst,durationMs=1000
  --from, --to TIME   only what is due in this time, RFC 3339; --forecast: the next 24 hours unless told
  --duration TIME     assumed duration, 1s unless told; --durations constant (the default) or exponential

Settings, also as --against dispatchers=2,spread=30s to see a second set beside the first:
  --dispatchers N     1 unless told
  --rate N            jobs that a dispatcher dispatches in a second, 2500 unless told
  --executors N       1 unless told
  --capacity N        jobs that an executor runs at once, 1000 unless told
  --spread TIME       jobs due at one instant come within this time after it, 0 unless told
  --claim-latency TIME  from the dispatch to the start, 5ms unless told

  --seed N            1 unless told
  --minutes N         lines of the table, 60 unless told
  --json              JSON lines: {"kind":"minute","set":0,…} and {"kind":"total","set":0,…}; set 1 is --against
${serverUsage}

Exit codes: 0 simulated; 1 it failed, or an event of the log cannot be read; 2 wrong flags.
`;

const options = {
  ...serverFlags,
  ...settingFlags,
  log: { type: 'boolean', default: false },
  forecast: { type: 'boolean', default: false },
  synthetic: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  duration: { type: 'string', default: '1s' },
  durations: { type: 'string', default: 'constant' },
  against: { type: 'string' },
  seed: { type: 'string', default: '1' },
  minutes: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options }).values;
type Values = ReturnType<typeof parse>;

const DAY_MS = 86_400_000;
/** It only reads: nobody else waits for it. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000;

const durationsFrom = ({ duration, durations }: Values): Durations => {
  if (durations !== 'constant' && durations !== 'exponential')
    throw new UsageError(`--durations ${durations} is not constant or exponential`);
  return { meanMs: durationMsFrom('duration', duration), kind: durations };
};

const windowFrom = ({ from, to }: Values, otherwise: Window): Window => ({
  from: from === undefined ? otherwise.from : instantFrom('from', from),
  to: to === undefined ? otherwise.to : instantFrom('to', to),
});

const readLog = async (values: Values, context: Context, report: Report): Promise<Load> => {
  const servers = await serversFrom(values, context);
  const client = openEventStore(servers.eventstoreUrl());
  const liveness = livenessOf(servers.knownPostgresUrl());
  const scan = pacingFrom({}, liveness).scan(eventStoreScan(client, servers.names.streams));
  const end = (await readNewest(client))?.position.commit ?? 0n;
  const window = windowFrom(values, { from: -Infinity, to: Infinity });
  const load = await loadOfLog(scan, end, window, report, context.signal);
  // after a failure the end of the process closes the connection: a read that was left early cannot be disposed of
  await liveness.close();
  await closeEventStore(client);
  return load;
};

const readWaiting = async (values: Values, context: Context, seed: number): Promise<Load> => {
  const now = systemClock.now();
  const window = windowFrom(values, { from: now, to: now + DAY_MS });
  const db = openDatabase({
    url: (await serversFrom(values, context)).postgresUrl(),
    applicationName: 'punctual-simulate',
    poolSize: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    const durations = durationsFrom(values);
    return await loadOfWaiting(dueTimes(db), window, durations, seed, context.signal);
  } finally {
    await db.destroy();
  }
};

const loadFrom = async (
  values: Values,
  context: Context,
  report: Report,
  seed: number,
): Promise<Load> => {
  const { log, forecast, synthetic } = values;
  if (Number(log) + Number(forecast) + Number(synthetic !== undefined) !== 1)
    throw new UsageError('give one of --log, --forecast and --synthetic');
  if (synthetic !== undefined) return syntheticLoad(synthetic, durationsFrom(values), seed);
  return log ? await readLog(values, context, report) : await readWaiting(values, context, seed);
};

const settingsOf = (values: Values): readonly SimulationSettings[] => {
  const first = settingsFrom(values);
  if (values.against === undefined) return [first];
  return [first, settingsFrom(pairsFrom('against', values.against, settingNames), first)];
};

const run = async (args: readonly string[], context: Context): Promise<number> => {
  const values = parse(args);
  const sets = settingsOf(values);
  const seed = wholeFrom('seed', values.seed, 0);
  const most = wholeFrom('minutes', values.minutes);
  const report = reportTo(context, values.json);
  const load = await loadFrom(values, context, report, seed);
  const outcomes = sets.map((settings) => byMinute(simulated(load, settings, seed)));
  if (!values.json) context.stdout.write(`${minuteTable(outcomes, most)}\n`);
  outcomes.forEach(({ minutes, total }, set) => {
    if (values.json)
      for (const minute of minutes)
        report.tell('minute', { set, ...minute, at: toTimestamp(minute.at) }, '');
    const lastFinishedAt = toTimestamp(total.lastFinishedAt);
    const about = sets.length === 1 ? '' : set === 0 ? 'first: ' : 'against: ';
    report.tell(
      'total',
      { set, settings: sets[set], ...total, lastFinishedAt },
      about + totalText(total),
    );
  });
  return exitCode.done;
};

export const simulate: Verb = {
  summary: 'play a load through other settings, on a virtual clock',
  usage,
  run,
};
