import { next } from '../domain/schedule/timing/answers/next';
import { compileTiming, type CompiledTiming } from '../domain/schedule/timing/compile';
import type { TimingText } from '../domain/schedule/timing/definition';
import { pinnedZones } from '../infra/tzdata/pinned';
import type { Figures, Row } from './row';
import { ofRuns, rounded } from './statistics';

const SCHEDULES = 100_000;
const NEXT = 5;
const RUNS = 3;
const FROM = Date.UTC(2026, 2, 28, 12);

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Tokyo',
  'America/Santiago',
  'UTC',
];

/** What people have, by the dozen; the n-th of a kind at a time of its own. */
const kinds: readonly ((n: number) => TimingText)[] = [
  (n) => ({ cron: `${n % 60} ${n % 24} * * *` }),
  (n) => ({ cron: `${n % 60} ${n % 24} * * 1-5` }),
  (n) => ({ cron: `*/${5 + (n % 5) * 5} * * * *` }),
  (n) => ({ cron: `${n % 60} * * * *` }),
  (n) => ({ cron: `${n % 60} ${n % 24} ${1 + (n % 28)} * *` }),
  (n) => ({ cron: `${n % 60} ${n % 24} L * *` }),
  (n) => ({ cron: `${n % 60} ${n % 24} * * ${n % 7}#${1 + (n % 4)}` }),
  (n) => ({ cron: `0 ${n % 24} 1 ${1 + (n % 12)} *` }),
  () => ({ rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH' }),
  () => ({ rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR' }),
  (n) => ({ every: `R/2026-01-01T00:00:00/PT${10 + (n % 100)}M` }),
  (n) => ({ every: `R/2026-01-${10 + (n % 20)}T09:00:00/P1M` }),
];

const nth = <Value>(values: readonly Value[], n: number): Value => {
  const value = values[n % values.length];
  if (value === undefined) throw new RangeError('an empty list');
  return value;
};

/** @throws Error when a rule of the bench is refused */
const compiledNth = (n: number): CompiledTiming => {
  const timing = nth(kinds, n)(Math.floor(n / kinds.length));
  const definition = { timing, timeZone: nth(zones, n) };
  const outcome = compileTiming(definition, pinnedZones, FROM);
  if (outcome.outcome === 'compiled') return outcome.timing;
  throw new Error(`${JSON.stringify(timing)}: ${JSON.stringify(outcome.problems)}`);
};

const nextFive = (timings: readonly CompiledTiming[]): number => {
  let total = 0;
  for (const timing of timings) {
    let at = FROM;
    for (let i = 0; i < NEXT; i += 1) at = next(timing, at) ?? at;
    total += at;
  }
  return total;
};

/** Time of the wall and of the processor of some work, in seconds. */
const timed = (work: () => unknown): { readonly seconds: number; readonly cpuSeconds: number } => {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds: (performance.now() - startMs) / 1_000, cpuSeconds: (user + system) / 1e6 };
};

const run = (): Figures => {
  const timings: CompiledTiming[] = [];
  const compiling = timed(() => {
    for (let n = 0; n < SCHEDULES; n += 1) timings.push(compiledNth(n));
  });
  const asking = timed(() => nextFive(timings));
  const perCall: number[] = [];
  for (const timing of timings.slice(0, 1_200)) {
    const startNs = process.hrtime.bigint();
    nextFive([timing]);
    perCall.push(Number(process.hrtime.bigint() - startNs) / NEXT / 1_000);
  }
  perCall.sort((a, b) => a - b);
  return {
    seconds: rounded(asking.seconds),
    cpuSeconds: rounded(asking.cpuSeconds),
    compileSeconds: rounded(compiling.seconds),
    nextP50Us: rounded(perCall[perCall.length >> 1] ?? Number.NaN),
    nextP99Us: rounded(perCall[Math.floor(perCall.length * 0.99)] ?? Number.NaN),
  };
};

/** The next five due times of 100,000 schedules of many kinds and zones, compiled before. */
export const schedulesNext: Row = {
  name: 'schedules-next',
  measure: ({ note }) => {
    note(`asking ${SCHEDULES} schedules for their next ${NEXT}, ${RUNS} times`);
    const runs = Array.from({ length: RUNS }, run);
    const target = [
      { of: 'seconds', atMost: 3 },
      { of: 'nextP50Us', atMost: 5 },
    ];
    return Promise.resolve([
      { of: `next ${NEXT} of ${SCHEDULES} schedules`, ...ofRuns(runs), target },
    ]);
  },
};
