import { count } from '../time/format';

/** A line of a tool, as `POST /v1/tools/…` answers it. */
export type ToolLine = Readonly<Record<string, unknown>> & { readonly kind: string };

const textOf = (value: unknown): string => {
  if (typeof value === 'number') return count(value);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name} ${textOf(one)}`)
      .join(', ');
  return String(value);
};

/** Of a kind that has no sentence here: its fields, so that nothing is kept back. */
const fieldsOf = ({ kind, ...fields }: ToolLine): string => {
  const text = textOf(fields);
  return text === '' ? kind : `${kind}: ${text}`;
};

const numberIn = (line: ToolLine, field: string): string => textOf(line[field] ?? 0);

const findingOf = (line: ToolLine): string =>
  `${textOf(line['rule'])}, ${textOf(line['subject'])}: ${textOf(line['message'])}`;

const BOOKS = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted', 'pending'] as const;

/** The conservation sum of a day, of one owner or of all. */
const bookOf = (line: ToolLine): string =>
  `${textOf(line['day'])} ${textOf(line['ownerId'])}: ${numberIn(line, 'scheduled')} scheduled = ${BOOKS.map((outcome) => `${numberIn(line, outcome)} ${outcome}`).join(' + ')}`;

const ROW_KINDS: Readonly<Record<string, string>> = {
  changed: 'differs',
  'only-live': 'is only in the live table',
  'only-rebuilt': 'is missing in the live table',
};

const tableOf = ({ table, liveRows, rebuiltRows, rows, isCutOff }: ToolLine): string => {
  const differing = (Array.isArray(rows) ? rows : []) as readonly ToolLine[];
  const sizes = `${textOf(table)}: ${liveRows === undefined ? 'no table' : count(Number(liveRows))} and ${textOf(rebuiltRows)} rows`;
  if (differing.length === 0) return `${sizes}, equal`;
  const texts = differing.map(({ key, kind }) => `${textOf(key)} ${ROW_KINDS[kind] ?? kind}`);
  return `${sizes}; ${texts.join('; ')}${isCutOff === true ? '; and more' : ''}`;
};

const secondsOf = (left: unknown): string =>
  typeof left === 'number' ? `, ${count(left)} s left` : '';

const progressOf = ({ doing, events, perSecond, share, leftS }: ToolLine): string => {
  const part = typeof share === 'number' ? `, ${Math.floor(share * 100)} %` : '';
  return `${textOf(doing)}: ${textOf(events)}, ${textOf(perSecond)} a second${part}${secondsOf(leftS)}`;
};

const lateOf = (lateness: unknown): string => {
  const late = (lateness ?? {}) as Readonly<Record<string, unknown>>;
  return `late p50 ${textOf(late['p50Ms'])}, p99 ${textOf(late['p99Ms'])}, at most ${textOf(late['maxMs'])} ms`;
};

const SENTENCES: Readonly<Record<string, (line: ToolLine) => string>> = {
  progress: progressOf,
  violation: (line) => `Violation: ${findingOf(line)}`,
  gone: (line) =>
    'rule' in line
      ? `Gone: ${findingOf(line)}`
      : `The beginning of ${textOf(line['stream'])} is gone`,
  conservation: bookOf,
  table: tableOf,
  parked: ({ stream, revision, error }) =>
    `Parked: ${textOf(stream)} from revision ${textOf(revision)} on: ${textOf(error)}`,
  seals: ({ blocks, sealedEvents, notSealedYet, uncovered, head }) =>
    `${textOf(sealedEvents)} events in ${textOf(blocks)} sealed blocks, ${textOf(notSealedYet)} not sealed yet${Number(uncovered) > 0 ? `, ${textOf(uncovered)} covered by no seal that can be trusted` : ''}${head === undefined ? '' : `; head ${textOf(head)}`}`,
  schedules: (line) =>
    `Occurrences of ${numberIn(line, 'schedules')} schedules: ${numberIn(line, 'planned')} planned, ${numberIn(line, 'skipped')} skipped`,
  summary: (line) =>
    `${numberIn(line, 'events')} events of ${numberIn(line, 'jobs')} jobs, ${numberIn(line, 'schedules')} schedules and ${numberIn(line, 'operations')} operations: ${numberIn(line, 'violations')} violations`,
  replayed: ({ events, position, isSwapped }) =>
    `${textOf(events)} events read, up to position ${textOf(position)}: the rebuilt tables ${isSwapped === true ? 'are live now' : 'were compared, and the live ones stay'}`,
  total: ({ jobs, lateness, runningPeak, backlogPeak }) =>
    `${textOf(jobs)} jobs, ${lateOf(lateness)}; at most ${textOf(runningPeak)} running and ${textOf(backlogPeak)} waiting`,
  error: ({ message }) => textOf(message),
};

/** Lines that say nothing to a person: headings, the many minutes of a simulation, and the end, which has its own place. */
const UNSAID: ReadonlySet<string> = new Set(['columns', 'minute', 'exit', 'end']);

/** The line in a sentence; undefined for one that is not shown. */
export const sentenceOf = (line: ToolLine): string | undefined =>
  UNSAID.has(line.kind) ? undefined : (SENTENCES[line.kind] ?? fieldsOf)(line);
