import { checkExpected, expectedNumber, mayRecreate } from './check-append';
import {
  noRevision,
  tombstoneRevision,
  type AppendOutcome,
  type AppendRequest,
  type DeleteRequest,
  type ProposedEvent,
  type RecordedEvent,
  type WriteRequest,
} from './events';
import type { Head } from './heads';
import type { RecentIds } from './recent-ids';
import {
  isMetastream,
  isSoftDeleted,
  metadataEventType,
  metadataWithTruncateBefore,
  metastreamOf,
  noMetadata,
  originalStreamOf,
  parseStreamMetadata,
  softDeleteData,
  tombstoneEventType,
} from './stream-metadata';

/** What the writer does with a request once the heads are known. */
export type Admission =
  /** Answer this when the group is committed; what the request stores is in the group. */
  | { readonly kind: 'answer'; readonly outcome: AppendOutcome }
  /** The stream has gone on: look in storage whether it did so with these events. */
  | { readonly kind: 'compare'; readonly request: AppendRequest; readonly comparison: Comparison }
  /** Ask again when this stream is loaded. */
  | { readonly kind: 'load'; readonly stream: string };

export type Comparison = {
  /** Revision that the first event has, if it is stored. */
  readonly from: number;
  /** The stream's last revision, for the refusal. */
  readonly current: number;
  /** True when the stream is soft-deleted, and events that are not stored are to be asked again, as new ones. */
  readonly mayBeNew: boolean;
};

export type AdmissionDeps = {
  readonly head: (stream: string) => Head | undefined;
  readonly recent: RecentIds;
  /** Puts an event into the group under way and gives its sequence. */
  readonly record: (stream: string, revision: number, event: ProposedEvent) => RecordedEvent;
  /** Newest sequence of the log with the group under way, 0 for an empty log. */
  readonly lastSequence: () => number;
  readonly newId: () => Buffer;
};

const answer = (outcome: AppendOutcome): Admission => ({ kind: 'answer', outcome });

/** The answer to a repeated append; of a soft-deleted stream the real server no longer says where it lies. */
const repeated = (
  { revision, sequence }: { readonly revision: number; readonly sequence: number },
  { metadata }: Head,
): Admission =>
  answer({
    outcome: 'appended',
    revision,
    sequence: isSoftDeleted(metadata) ? undefined : sequence,
  });

const refuse = (head: Head): Admission =>
  answer({ outcome: 'wrong-expected-revision', current: head.revision });

const deleted: Admission = answer({ outcome: 'stream-deleted' });

/** The stream whose head must be known, besides that of the request's own, before it can be decided. */
export const alsoNeeded = ({ kind, stream }: WriteRequest): string | undefined => {
  if (kind === 'soft-delete') return metastreamOf(stream);
  return isMetastream(stream) ? originalStreamOf(stream) : undefined;
};

const systemEvent = (
  { newId }: AdmissionDeps,
  type: string,
  data: Buffer,
  isJson: boolean,
): ProposedEvent => ({ id: newId(), type, isJson, data, metadata: Buffer.alloc(0) });

const appendTo = (
  deps: AdmissionDeps,
  stream: string,
  head: Head,
  event: ProposedEvent,
): RecordedEvent => {
  head.revision += 1;
  return deps.record(stream, head.revision, event);
};

/** A metastream has no settings of its own: what is written of it is kept and not heeded. */
const heed = (stream: string, head: Head, data: Buffer): void => {
  if (!isMetastream(stream)) head.metadata = parseStreamMetadata(data);
};

/** Appends to the metastream what the stream's metadata is from now on. */
const storeMetadata = (
  deps: AdmissionDeps,
  stream: string,
  head: Head,
  metastream: Head,
  data: Buffer,
): RecordedEvent => {
  const event = systemEvent(deps, metadataEventType, data, true);
  heed(stream, head, data);
  return appendTo(deps, metastreamOf(stream), metastream, event);
};

/** Lets a soft-deleted stream be again, from `from` on; what else its metadata says is kept. */
const undelete = (
  deps: AdmissionDeps,
  stream: string,
  head: Head,
  metastream: Head,
  from: number,
): void => {
  const data = metadataWithTruncateBefore(head.metadata, from);
  storeMetadata(deps, stream, head, metastream, data);
};

/** An event written to a metastream is its stream's metadata, whatever its type; it also revives a deleted stream. */
const applyMetadata = (
  deps: AdmissionDeps,
  metastream: string,
  metastreamHead: Head,
  newest: ProposedEvent,
): void => {
  const stream = originalStreamOf(metastream);
  const head = deps.head(stream);
  if (!head || isMetastream(stream)) return;
  const wasDeleted = isSoftDeleted(head.metadata);
  head.metadata = newest.isJson ? parseStreamMetadata(newest.data) : noMetadata;
  if (wasDeleted && head.metadata !== noMetadata)
    undelete(deps, stream, head, metastreamHead, head.revision + 1);
};

const store = (deps: AdmissionDeps, request: AppendRequest, head: Head): Admission => {
  const { stream, events } = request;
  const isRecreation = isSoftDeleted(head.metadata);
  const metastream = isRecreation ? deps.head(metastreamOf(stream)) : undefined;
  if (isRecreation && !metastream) return { kind: 'load', stream: metastreamOf(stream) };

  const from = head.revision + 1;
  let last: RecordedEvent | undefined;
  for (const event of events) {
    last = appendTo(deps, stream, head, event);
    deps.recent.add(stream, event.id, last.revision, last.sequence);
  }
  // an append of no events has the position of the log's end, which it has reached
  const end = deps.lastSequence();
  const sequence = last?.sequence ?? (end > 0 ? end : undefined);
  const outcome: AppendOutcome = { outcome: 'appended', revision: head.revision, sequence };
  if (metastream) undelete(deps, stream, head, metastream, from);
  if (last && isMetastream(stream)) applyMetadata(deps, stream, head, last);
  return answer(outcome);
};

/**
 * At `any` and `stream-exists` the first id decides: when it is new, all are stored; when it is known in this
 * stream, it is a repeated append, and then all must be known.
 */
const storeUnlessKnown = (deps: AdmissionDeps, request: AppendRequest, head: Head): Admission => {
  const { stream, events } = request;
  const [first] = events;
  if (head.revision === noRevision || !first || !deps.recent.get(stream, first.id))
    return store(deps, request, head);
  const known = events.map(({ id }) => deps.recent.get(stream, id));
  const last = known.at(-1);
  return last && known.every((event) => event !== undefined) ? repeated(last, head) : refuse(head);
};

/** Of a stream that has gone on: repeated, when its next events are these. */
const compare = (
  deps: AdmissionDeps,
  request: AppendRequest,
  head: Head,
  from: number,
): Admission => {
  const { stream, expected, events } = request;
  if (events.length === 0) return refuse(head);
  const known = events.map(({ id }) => deps.recent.get(stream, id));
  const last = known.at(-1);
  if (last && known.every((event, i) => event?.revision === from + i)) return repeated(last, head);
  const mayBeNew = mayRecreate(expected, head);
  const couldBeStored = from + events.length - 1 <= head.revision;
  if (!couldBeStored && !mayBeNew) return refuse(head);
  return { kind: 'compare', request, comparison: { from, current: head.revision, mayBeNew } };
};

/** True or false once it is known whether the stream has metadata, else what to load. */
const hasMetadata = ({ head }: AdmissionDeps, stream: string): boolean | Admission => {
  const metastream = head(metastreamOf(stream));
  return metastream
    ? metastream.revision !== noRevision
    : { kind: 'load', stream: metastreamOf(stream) };
};

const admitAppend = (
  deps: AdmissionDeps,
  request: AppendRequest,
  head: Head,
  isNotStored: boolean,
): Admission => {
  const { stream, expected } = request;
  if (isMetastream(stream) && deps.head(originalStreamOf(stream))?.revision === tombstoneRevision)
    return deleted;
  const check = checkExpected(expected, head);
  if (check === 'stream-deleted') return deleted;
  if (check === 'ahead') return refuse(head);
  if (check === 'unwritten') {
    const exists = hasMetadata(deps, stream);
    if (typeof exists !== 'boolean') return exists;
    return exists ? store(deps, request, head) : refuse(head);
  }
  if (expected === 'any' || expected === 'stream-exists')
    return storeUnlessKnown(deps, request, head);
  if (check === 'ok') return store(deps, request, head);
  if (!isNotStored) return compare(deps, request, head, expectedNumber(expected) + 1);
  return mayRecreate(expected, head) ? store(deps, request, head) : refuse(head);
};

const tombstone = (deps: AdmissionDeps, stream: string, head: Head): Admission => {
  head.revision = tombstoneRevision;
  const event = systemEvent(deps, tombstoneEventType, Buffer.alloc(0), false);
  const { revision, sequence } = deps.record(stream, tombstoneRevision, event);
  return answer({ outcome: 'appended', revision, sequence });
};

/** A soft delete writes metadata that says nothing but that, as the real server does. */
const softDelete = (deps: AdmissionDeps, stream: string, head: Head): Admission => {
  const metastream = deps.head(metastreamOf(stream));
  if (!metastream) return { kind: 'load', stream: metastreamOf(stream) };
  if (head.revision === noRevision && metastream.revision === noRevision) return refuse(head);
  const data = softDeleteData(noMetadata);
  const { sequence } = storeMetadata(deps, stream, head, metastream, data);
  return answer({ outcome: 'appended', revision: head.revision, sequence });
};

const admitDelete = (
  deps: AdmissionDeps,
  { kind, stream, expected }: DeleteRequest,
  head: Head,
): Admission => {
  if (isMetastream(stream) && deps.head(originalStreamOf(stream))?.revision === tombstoneRevision)
    return deleted;
  const check = checkExpected(expected, head);
  if (check === 'stream-deleted') return deleted;
  if (check === 'ahead' || (check === 'behind' && !mayRecreate(expected, head)))
    return refuse(head);
  if (check === 'unwritten') {
    const exists = hasMetadata(deps, stream);
    if (typeof exists !== 'boolean') return exists;
    if (!exists) return refuse(head);
  }
  return kind === 'tombstone' ? tombstone(deps, stream, head) : softDelete(deps, stream, head);
};

/**
 * Decides one request against heads that include all requests admitted before it, and advances them.
 *
 * @param isNotStored  true when storage was asked and has none of the events of the request
 */
export const admit = (
  deps: AdmissionDeps,
  request: WriteRequest,
  isNotStored: boolean,
): Admission => {
  const head = deps.head(request.stream);
  if (!head) return { kind: 'load', stream: request.stream };
  return request.kind === 'append'
    ? admitAppend(deps, request, head, isNotStored)
    : admitDelete(deps, request, head);
};
