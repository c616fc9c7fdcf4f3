import { toTimestamp, type Instant } from '../time';
import type { TraceStatus } from './job-trace';

/** What became of the jobs that an owner scheduled on a day; `scheduled` is their number, the rest must add up to it. */
export type Account = {
  /** UTC, `2026-11-23`. */
  readonly day: string;
  readonly ownerId: string;
  readonly scheduled: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
  readonly aborted: number;
  /** Not at an end: those below together. */
  readonly pending: number;
  readonly waiting: number;
  readonly queued: number;
  readonly running: number;
};

type Opened = { readonly dayNumber: number; readonly ownerId: string; scheduled: number };

const DAY_MS = 86_400_000;
const ends = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted'] as const;
const standings = ['waiting', 'queued', 'running'] as const;
const columns = [...ends, ...standings] as const;
type Column = (typeof columns)[number];

const columnOf: Readonly<Record<Exclude<TraceStatus, 'none'>, Column>> = {
  scheduled: 'waiting',
  queued: 'queued',
  running: 'running',
  'attempt-ended': 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
  aborted: 'aborted',
};

export type Accounts = {
  /** Counts a JobScheduled. @returns the number of its account */
  readonly open: (scheduledAt: Instant, ownerId: string) => number;
  /** Enters how a job of an account stands in the end. */
  readonly settle: (account: number, status: Exclude<TraceStatus, 'none'>) => void;
  /** By day, then by the number of jobs, the most first. */
  readonly all: () => readonly Account[];
};

/** Whether what was scheduled is what is known of. */
export const isBalanced = (account: Account): boolean =>
  account.scheduled === columns.reduce((sum, column) => sum + account[column], 0);

const blank = (): Record<Column, number> =>
  Object.fromEntries(columns.map((column) => [column, 0])) as Record<Column, number>; // all columns

/** Several accounts of one day as one. */
export const sumOf = (day: string, ownerId: string, some: readonly Account[]): Account => {
  const total = { ...blank(), scheduled: 0, pending: 0 };
  for (const account of some)
    for (const column of [...columns, 'scheduled', 'pending'] as const)
      total[column] += account[column];
  return { day, ownerId, ...total };
};

/** The books: scheduled = succeeded + failed + cancelled + expired + aborted + pending, per day and owner. */
export const openAccounts = (): Accounts => {
  const opened: Opened[] = [];
  const numbers = new Map<string, Map<number, number>>();
  const settled = new Map<number, Record<Column, number>>();

  return {
    open: (scheduledAt, ownerId) => {
      const dayNumber = Math.floor(scheduledAt / DAY_MS);
      let days = numbers.get(ownerId);
      if (!days) numbers.set(ownerId, (days = new Map<number, number>()));
      let number = days.get(dayNumber);
      if (number === undefined) {
        number = opened.push({ dayNumber, ownerId, scheduled: 0 }) - 1;
        days.set(dayNumber, number);
      }
      const account = opened[number];
      if (account) account.scheduled += 1;
      return number;
    },
    settle: (account, status) => {
      let counts = settled.get(account);
      if (!counts) settled.set(account, (counts = blank()));
      counts[columnOf[status]] += 1;
    },
    all: () =>
      opened
        .map(({ dayNumber, ownerId, scheduled }, number): Account => {
          const counts = settled.get(number) ?? blank();
          const pending = counts.waiting + counts.queued + counts.running;
          const day = toTimestamp(dayNumber * DAY_MS).slice(0, 10);
          return { day, ownerId, scheduled, ...counts, pending };
        })
        .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : b.scheduled - a.scheduled)),
  };
};
