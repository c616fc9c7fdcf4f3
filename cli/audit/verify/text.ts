import { sumOf, type Account } from '../../../domain/audit/accounts';
import type { EventPlace, Violation } from '../../../domain/audit/violation';
import type { ScheduleBooks } from '../../../domain/audit/schedule-audit';
import type { Report } from '../../report';
import { aligned } from '../../table';

const placeText = ({ stream, revision, position, type }: EventPlace): string =>
  `    ${type}, revision ${revision} of ${stream}, position ${position}`;

const findingText = ({ rule, subject, message, events }: Violation): string =>
  [`${rule}  ${subject}`, `    ${message}`, ...events.map(placeText)].join('\n');

/** Keeps the first ones to be told and counts all: a broken log may have millions. */
export const findingsUpTo = (most: number, kind: 'violation' | 'gone') => {
  const [plural, ofRule] =
    kind === 'violation' ? ['violations', 'broken-rule'] : ['gone', 'gone-by-rule'];
  const kept: Violation[] = [];
  const counts = new Map<string, number>();
  let total = 0;
  return {
    report: (violation: Violation): void => {
      total += 1;
      counts.set(violation.rule, (counts.get(violation.rule) ?? 0) + 1);
      if (kept.length < most) kept.push(violation);
    },
    total: (): number => total,
    tell: (report: Report): void => {
      for (const violation of kept) report.tell(kind, violation, findingText(violation));
      if (total > kept.length)
        report.tell('more', { [plural]: total - kept.length }, `… and ${total - kept.length} more`);
      for (const [rule, count] of counts)
        report.tell(ofRule, { rule, [plural]: count }, `${rule}: ${count}`);
    },
  };
};

const counts = [
  'scheduled',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'aborted',
  'pending',
] as const;
const headings = ['day', 'owner', ...counts];

const cellsOf = ({ day, ownerId, ...of }: Account): readonly string[] => [
  day,
  ownerId,
  ...counts.map((count) => String(of[count])),
];

/** The biggest owners of a day, all others as one, and the day as a whole. */
const linesOfDay = (day: string, accounts: readonly Account[], owners: number) => {
  const others = accounts.slice(owners);
  return [
    ...accounts.slice(0, owners).map((account) => ({ of: 'owner', ...account })),
    ...(others.length > 0
      ? [{ of: 'others', ...sumOf(day, `(${others.length} others)`, others) }]
      : []),
    { of: 'day', ...sumOf(day, '(all)', accounts) },
  ];
};

/** Tells the books: scheduled = succeeded + failed + cancelled + expired + aborted + pending. */
export const tellBooks = (books: readonly Account[], owners: number, report: Report): void => {
  const byDay = new Map<string, Account[]>();
  for (const account of books) {
    const its = byDay.get(account.day);
    if (its) its.push(account);
    else byDay.set(account.day, [account]);
  }
  const lines = [...byDay].flatMap(([day, accounts]) => linesOfDay(day, accounts, owners));
  if (lines.length === 0) return;
  const [head = '', ...texts] = aligned([headings, ...lines.map(cellsOf)], 2);
  report.tell('columns', { columns: headings }, head);
  for (const [n, line] of lines.entries()) report.tell('conservation', line, texts[n] ?? '');
};

const timesText = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}`];

/** What became of the occurrences of schedules, and what of it this build cannot prove; nothing without schedules. */
export const tellSchedules = (books: ScheduleBooks, tzdata: string, report: Report): void => {
  const { schedules, planned, skipped, moved, cancelled, unproved, otherZoneData } = books;
  if (schedules === 0) return;
  const kinds = [
    `${planned} planned`,
    `${skipped} skipped`,
    ...timesText(moved, 'times moved'),
    ...timesText(cancelled, 'cancelled by a user'),
  ];
  report.tell('schedules', books, `occurrences of ${schedules} schedules: ${kinds.join(', ')}`);
  for (const other of otherZoneData)
    report.tell(
      'other-zone-data',
      other,
      `${other.decisions} decisions were made with zone data ${other.tzdata}, checked for order only: this build has ${tzdata}`,
    );
  if (unproved > 0)
    report.tell(
      'unproved-decisions',
      { decisions: unproved },
      `${unproved} decisions are of rules that this build cannot compute, or come after an event that cannot be read: checked for order only`,
    );
};
