import type { RecordedEvent } from '../../domain/event-log';

/** An event that somebody else wrote into a job's stream, as a change of a good one. */
export type HostileEvent = { readonly why: string; readonly change: Partial<RecordedEvent> };

const nested = (levels: number): unknown => {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
};

const metadata = { at: '2026-11-23T12:00:00.000Z', schemaVersion: 1 };
const actor = { kind: 'user', id: 'ada' };

/** None of them is an event of this or a newer build; each is at the revision of the one that it changes. */
export const hostileEvents: readonly HostileEvent[] = [
  {
    why: 'data of 10,000 levels',
    change: { data: { attempt: 1, dueAt: '2026-11-23T12:00:50.000Z', more: nested(10_000) } },
  },
  {
    why: 'metadata of 10,000 levels',
    change: { metadata: { ...metadata, actor, more: nested(10_000) } },
  },
  { why: 'data that is no object', change: { data: 'JobDispatched' } },
  { why: 'data that is a list', change: { data: [1] } },
  { why: 'no data at all', change: { data: {} } },
  { why: 'bytes instead of JSON', change: { data: Buffer.from([0xff]) } },
  { why: 'no metadata', change: { metadata: undefined } },
  { why: 'no time', change: { metadata: { ...metadata, actor, at: 'soon' } } },
  {
    why: 'a version that is none',
    change: { metadata: { ...metadata, actor, schemaVersion: 0.5 } },
  },
  { why: 'a due time that is none', change: { data: { attempt: 1, dueAt: 'later' } } },
];

/** What no projection looks at, and whoever decides does. */
export const oddEvents: readonly HostileEvent[] = [
  { why: 'an attempt that is none', change: { data: { attempt: 1e300, dueAt: metadata.at } } },
];
