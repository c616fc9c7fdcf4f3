import type { JobStatus, StatusChange } from '../http/answers';

export const STATUSES = [
  'scheduled',
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'aborted',
] as const satisfies readonly JobStatus[];

const FIELDS = [
  'status',
  'q',
  'tag',
  'queue',
  'scheduleId',
  'errorCode',
  'ownerId',
  'from',
  'to',
] as const;
export type FilterField = (typeof FIELDS)[number];
export type Filter = Readonly<Partial<Record<FilterField, string>>>;

/** The filter is the address, so that a view can be sent to a colleague. */
export const filterIn = (search: URLSearchParams): Filter => {
  const given = FIELDS.flatMap((field) => {
    const text = search.get(field);
    return text ? [[field, text]] : [];
  });
  return Object.fromEntries(given) as Filter; // pairs of a field and its text
};

/** The address with another filter; what else is in it stays. */
export const withFilter = (search: URLSearchParams, change: Filter): string => {
  const after = new URLSearchParams(search);
  for (const [field, text] of Object.entries(change))
    if (text === '') after.delete(field);
    else after.set(field, text);
  return after.toString();
};

/** What narrows a list beside status and search: in words, and which fields those are of. */
export type Narrowing = { readonly fields: readonly FilterField[]; readonly text: string };

const WORDS: Partial<Record<FilterField, string>> = {
  queue: 'queue',
  scheduleId: 'schedule',
  errorCode: 'error',
  ownerId: 'of',
};

/** @param timeOf  writes an instant of the filter */
export const narrowing = (filter: Filter, timeOf: (at: string) => string): readonly Narrowing[] => {
  const { from, to } = filter;
  const all: Narrowing[] = [];
  for (const field of FIELDS) {
    const [word, value] = [WORDS[field], filter[field]];
    if (word !== undefined && value !== undefined)
      all.push({ fields: [field], text: `${word} ${value}` });
  }
  if (from !== undefined && to !== undefined)
    all.push({ fields: ['from', 'to'], text: `due ${timeOf(from)} to ${timeOf(to)}` });
  else if (from !== undefined) all.push({ fields: ['from'], text: `due from ${timeOf(from)}` });
  else if (to !== undefined) all.push({ fields: ['to'], text: `due before ${timeOf(to)}` });
  return all;
};

/** Whether a job belongs on the list after a change; `maybe` where that does not say what the filter asks for. */
export const takes = (
  { status, q, tag, queue, scheduleId, errorCode, ownerId, from, to }: Filter,
  { name, dueAt, status: now }: StatusChange,
): boolean | 'maybe' => {
  const isOut =
    (status !== undefined && !status.split(',').includes(now)) ||
    (errorCode !== undefined && now !== 'failed') ||
    (q !== undefined && !name.toLowerCase().includes(q.toLowerCase())) ||
    (from !== undefined && Date.parse(dueAt) < Date.parse(from)) ||
    (to !== undefined && Date.parse(dueAt) >= Date.parse(to));
  if (isOut) return false;
  return [tag, queue, scheduleId, errorCode, ownerId].some((asked) => asked !== undefined)
    ? 'maybe'
    : true;
};
