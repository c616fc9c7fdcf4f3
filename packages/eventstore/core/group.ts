import { randomBytes } from 'node:crypto';
import { admit, type Admission, type AdmissionDeps } from './admission';
import { memoryBytes, tombstoneRevision, type RecordedEvent, type WriteRequest } from './events';
import type { Heads } from './heads';
import type { NewStreams } from './new-streams';
import type { RecentIds } from './recent-ids';
import { isMetastream, originalStreamOf } from './stream-metadata';
import type { Pending } from './write-queue';

/** One group is one COPY: large enough to spare commits, small enough to answer the first soon. */
const groupEvents = 2_000;
const groupBytes = 8 * 1024 * 1024;

/** What one commit stores, and what is answered once it has. */
export type Group = {
  readonly events: readonly RecordedEvent[];
  readonly taken: readonly Pending[];
  /** One for each that was taken. */
  readonly admissions: readonly Admission[];
};

export type GroupsDeps = {
  readonly heads: Heads;
  readonly recent: RecentIds;
  readonly streams: NewStreams;
  readonly nowMs: () => number;
};

/** A random (version 4) UUID. */
const newId = (): Buffer => {
  const id = randomBytes(16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
};

/** Nobody waits for it any more, and who asked has been told that its outcome is unknown. */
const tooLate: Admission = { kind: 'answer', outcome: { outcome: 'unknown' } };
const isLate = (request: WriteRequest, nowMs: number): boolean =>
  request.kind === 'append' && request.deadlineMs !== undefined && request.deadlineMs <= nowMs;

/** Puts requests together to groups and numbers their events. */
export const groupsFrom = ({ heads, recent, streams, nowMs }: GroupsDeps) => {
  let lastSequence = 0;
  let events: RecordedEvent[] = [];
  let bytes = 0;
  let createdMs = 0;

  const record: AdmissionDeps['record'] = (stream, revision, proposed) => {
    lastSequence += 1;
    const { id, type, isJson, data, metadata } = proposed;
    const sequence = lastSequence;
    const event = { sequence, stream, revision, createdMs, id, type, isJson, data, metadata };
    events.push(event);
    bytes += memoryBytes(event);
    if (revision === tombstoneRevision) streams.tombstoned(stream);
    else streams.written(stream);
    return event;
  };
  const deps: AdmissionDeps = {
    head: heads.get,
    recent,
    record,
    newId,
    lastSequence: () => lastSequence,
  };

  return {
    /** The next event gets the sequence after this one. */
    continueAfter: (sequence: number): void => {
      lastSequence = sequence;
    },

    /** As many of the oldest requests as one commit takes. */
    next: (ready: readonly Pending[]): Group => {
      events = [];
      bytes = 0;
      createdMs = nowMs();
      const admissions: Admission[] = [];
      for (const { request, isNotStored } of ready) {
        if (events.length >= groupEvents || bytes >= groupBytes) break;
        admissions.push(isLate(request, createdMs) ? tooLate : admit(deps, request, isNotStored));
      }
      const taken = admissions.length === ready.length ? ready : ready.slice(0, admissions.length);
      return { events, taken, admissions };
    },

    /** Undoes a group that was not stored: what it was decided on is looked up again. */
    takeBack: (group: Group): void => {
      lastSequence -= group.events.length;
      for (const { stream, id } of group.events) {
        recent.forget(stream, id);
        heads.forget(stream);
        if (isMetastream(stream)) heads.forget(originalStreamOf(stream));
      }
    },
  };
};

export type Groups = ReturnType<typeof groupsFrom>;
