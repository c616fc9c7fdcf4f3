import { checkExpected, firstRevisionAt } from './check-append';
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
  originalStreamOf,
  parseStreamMetadata,
  softDeleteData,
  tombstoneEventType,
} from './stream-metadata';

/** What the writer does with a request once the heads are known. */
export type Admission =
  /** Answer this when the group is committed; what the request stores is in the group. */
  | { readonly kind: 'answer'; readonly outcome: AppendOutcome }
  /** Not at the expected revision: a repeated append if storage has these ids there, else refused. */
  | {
      readonly kind: 'compare';
      readonly request: AppendRequest;
      readonly from: number;
      readonly current: number;
    }
  /** Ask again when these streams are loaded. */
  | { readonly kind: 'load'; readonly stream: string };

export type AdmissionDeps = {
  readonly head: (stream: string) => Head | undefined;
  readonly recent: RecentIds;
  /** Puts an event into the group under way and gives its sequence. */
  readonly record: (stream: string, revision: number, event: ProposedEvent) => RecordedEvent;
  readonly newId: () => Buffer;
};

const answer = (outcome: AppendOutcome): Admission => ({ kind: 'answer', outcome });

const refuse = (head: Head): Admission =>
  answer({ outcome: 'wrong-expected-revision', current: head.revision });

/** Streams whose heads must be known before a request can be decided. */
export const headsNeeded = ({ kind, stream }: WriteRequest): readonly string[] => {
  if (kind === 'soft-delete') return [stream, metastreamOf(stream)];
  return isMetastream(stream) ? [stream, originalStreamOf(stream)] : [stream];
};

const systemEvent = (type: string, data: Buffer, newId: () => Buffer): ProposedEvent => ({
  id: newId(),
  type,
  isJson: true,
  data,
  metadata: Buffer.alloc(0),
});

const appendTo = (
  deps: AdmissionDeps,
  stream: string,
  head: Head,
  event: ProposedEvent,
): RecordedEvent => {
  head.revision += 1;
  return deps.record(stream, head.revision, event);
};

const storeMetadata = (deps: AdmissionDeps, stream: string, metastream: Head, data: Buffer) => {
  const event = systemEvent(metadataEventType, data, deps.newId);
  return appendTo(deps, metastreamOf(stream), metastream, event);
};

/** The outcome of an append whose ids are among the recent ones, if they are. */
const repetition = (
  { recent }: AdmissionDeps,
  { stream, expected, events }: AppendRequest,
): AppendOutcome | 'part' | undefined => {
  const known = events.map((event) => recent.get(stream, event.id));
  const [first] = known;
  const last = known.at(-1);
  if (known.every((event) => event === undefined)) return undefined;
  if (!first || !last) return 'part';
  const isOneRun = known.every((event, i) => event?.revision === first.revision + i);
  const isExpectedThere = typeof expected !== 'number' || first.revision === expected + 1;
  if (!isOneRun || !isExpectedThere) return 'part';
  return { outcome: 'appended', revision: last.revision, sequence: last.sequence };
};

const admitMismatch = (request: AppendRequest, head: Head): Admission => {
  const from = firstRevisionAt(request.expected);
  const couldBeStored =
    from !== undefined &&
    request.events.length > 0 &&
    from + request.events.length - 1 <= head.revision;
  return couldBeStored ? { kind: 'compare', request, from, current: head.revision } : refuse(head);
};

const applyMetadata = (deps: AdmissionDeps, request: AppendRequest): void => {
  if (!isMetastream(request.stream)) return;
  const newest = request.events.findLast((event) => event.type === metadataEventType);
  const original = deps.head(originalStreamOf(request.stream));
  if (newest && original) original.metadata = parseStreamMetadata(newest.data);
};

const admitEvents = (deps: AdmissionDeps, request: AppendRequest, head: Head): Admission => {
  const { stream, events } = request;
  if (isSoftDeleted(head.metadata)) {
    const metastream = deps.head(metastreamOf(stream));
    if (!metastream) return { kind: 'load', stream: metastreamOf(stream) };
    const data = metadataWithTruncateBefore(head.metadata, head.revision + 1);
    storeMetadata(deps, stream, metastream, data);
    head.metadata = parseStreamMetadata(data);
  }
  let last: RecordedEvent | undefined;
  for (const event of events) {
    last = appendTo(deps, stream, head, event);
    deps.recent.add(stream, event.id, { revision: last.revision, sequence: last.sequence });
  }
  applyMetadata(deps, request);
  return answer({ outcome: 'appended', revision: head.revision, sequence: last?.sequence });
};

const admitAppend = (deps: AdmissionDeps, request: AppendRequest, head: Head): Admission => {
  const { stream, expected, events } = request;
  const original = isMetastream(stream) ? deps.head(originalStreamOf(stream)) : undefined;
  const check =
    original?.revision === tombstoneRevision ? 'stream-deleted' : checkExpected(expected, head);
  if (check === 'stream-deleted') return answer({ outcome: 'stream-deleted' });
  if (events.length === 0 && check === 'ok')
    return answer({ outcome: 'appended', revision: head.revision, sequence: undefined });

  // what would follow the last revision cannot be stored already
  const isAtEnd = typeof expected === 'number' || head.revision === noRevision;
  const known = check === 'ok' && isAtEnd ? undefined : repetition(deps, request);
  if (known === 'part') return refuse(head);
  if (known) return answer(known);
  return check === 'ok' ? admitEvents(deps, request, head) : admitMismatch(request, head);
};

const admitDelete = (deps: AdmissionDeps, request: DeleteRequest, head: Head): Admission => {
  const { kind, stream, expected } = request;
  const check = checkExpected(expected, head);
  if (check === 'stream-deleted') return answer({ outcome: 'stream-deleted' });
  if (check === 'mismatch') return refuse(head);
  if (kind === 'tombstone') {
    const event = systemEvent(tombstoneEventType, Buffer.alloc(0), deps.newId);
    head.revision = tombstoneRevision;
    const { revision, sequence } = deps.record(stream, tombstoneRevision, {
      ...event,
      isJson: false,
    });
    return answer({ outcome: 'appended', revision, sequence });
  }
  if (head.revision === noRevision) return refuse(head);
  const metastream = deps.head(metastreamOf(stream));
  if (!metastream) return { kind: 'load', stream: metastreamOf(stream) };
  const data = softDeleteData(head.metadata);
  const { sequence } = storeMetadata(deps, stream, metastream, data);
  head.metadata = parseStreamMetadata(data);
  return answer({ outcome: 'appended', revision: head.revision, sequence });
};

/** Decides one request against heads that include all requests admitted before it, and advances them. */
export const admit = (deps: AdmissionDeps, request: WriteRequest): Admission => {
  const head = deps.head(request.stream);
  if (!head) return { kind: 'load', stream: request.stream };
  return request.kind === 'append'
    ? admitAppend(deps, request, head)
    : admitDelete(deps, request, head);
};
