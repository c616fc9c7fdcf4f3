import { randomBytes } from 'node:crypto';
import type { Storage, WriterSession } from '../store/storage';
import { admit, headsNeeded, type Admission, type AdmissionDeps } from './admission';
import { memoryBytes, type AppendOutcome, type RecordedEvent, type WriteRequest } from './events';
import { gate } from './gate';
import { headsCache, type Head } from './heads';
import type { Log } from './log';
import { recentIds } from './recent-ids';
import { keepSession } from './sessions';
import type { MemoryTail } from './tail';

/** Heads kept in memory, some 300 B each. */
const headsCapacity = 200_000;
/** Ids kept for repeated appends with `any`, and how many of them a restart reads back. */
const recentCapacity = 50_000;
const recentAtStart = 10_000;
/** One group is one COPY: large enough to spare commits, small enough to answer the first soon. */
const groupEvents = 2_000;
const groupBytes = 8 * 1024 * 1024;

export type WriterDeps = {
  readonly storage: Storage;
  readonly tail: MemoryTail;
  readonly log: Log;
  readonly nowMs: () => number;
};

export type Settle = (outcome: AppendOutcome) => void;

export type Writer = {
  /** Settles each request once: after its commit, or as `unknown` while storage is away. */
  readonly write: (request: WriteRequest, settle: Settle) => void;
  /** Takes no more, finishes what is under way and lets go of the schema. */
  readonly stop: () => Promise<void>;
};

type Pending = {
  readonly request: WriteRequest;
  readonly settle: Settle;
  readonly pinned: readonly Head[];
};

type Group = {
  readonly events: RecordedEvent[];
  readonly answers: ((committed: boolean) => void)[];
};

const unknown: AppendOutcome = { outcome: 'unknown' };

const late: Admission = { kind: 'answer', outcome: unknown };
const isLate = (request: WriteRequest, nowMs: number): boolean =>
  request.kind === 'append' && request.deadlineMs !== undefined && request.deadlineMs <= nowMs;

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A random (version 4) UUID. */
const newId = (): Buffer => {
  const id = randomBytes(16);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id;
};

/**
 * The one loop that writes: queue → check against the heads → one COPY per group → answers → readers woken.
 * Heads and ids run ahead of the commit; when a commit fails they are dropped and all that waits is unknown.
 *
 * @throws SchemaLockedError when another server writes to the schema; the database's error when it is away
 */
export const startWriter = async (deps: WriterDeps): Promise<Writer> => {
  const { storage, tail, log, nowMs } = deps;
  const heads = headsCache({
    load: storage.reader.heads,
    capacity: headsCapacity,
    onFailure: (error) => log('warn', 'a lookup of streams failed', { error: String(error) }),
  });
  const recent = recentIds(recentCapacity);
  let session: WriterSession | undefined;
  let ready: Pending[] = [];
  let running: Promise<void> | undefined;
  let isStopping = false;
  const settled = gate();
  let lastAssigned = 0;
  let unsettled = 0;

  const enqueue = (request: WriteRequest, settle: Settle, also?: string): void => {
    const needed = also === undefined ? headsNeeded(request) : [...headsNeeded(request), also];
    const missing = needed.find((stream) => heads.get(stream) === undefined);
    if (missing !== undefined) {
      heads.load(missing, (loaded) =>
        loaded && session ? enqueue(request, settle, also) : settle(unknown),
      );
      return;
    }
    const pinned = needed.flatMap((stream) => heads.pin(stream) ?? []);
    ready.push({ request, settle, pinned });
    running ??= run();
  };

  const compare = async (admission: Admission & { kind: 'compare' }): Promise<AppendOutcome> => {
    const { request, from, current } = admission;
    const { stream, events } = request;
    const stored = await storage.reader.idsFrom(stream, from, events.length);
    const last = stored.at(-1);
    const isStored =
      stored.length === events.length && stored.every((s, i) => events[i]?.id.equals(s.id));
    return last && isStored
      ? { outcome: 'appended', revision: last.revision, sequence: last.sequence }
      : { outcome: 'wrong-expected-revision', current };
  };

  const answerWith =
    (admission: Admission, { request, settle, pinned }: Pending) =>
    (committed: boolean): void => {
      for (const head of pinned) head.pins -= 1;
      if (!committed) settle(unknown);
      else if (admission.kind === 'answer') settle(admission.outcome);
      else if (admission.kind === 'load') enqueue(request, settle, admission.stream);
      else
        compare(admission).then(settle, (error: unknown) => {
          log('warn', 'a lookup of event ids failed', { error: String(error) });
          settle(unknown);
        });
    };

  const nextGroup = (): Group => {
    const group: Group = { events: [], answers: [] };
    const createdMs = nowMs();
    let bytes = 0;
    const record: AdmissionDeps['record'] = (stream, revision, proposed) => {
      lastAssigned += 1;
      const { id, type, isJson, data, metadata } = proposed;
      const sequence = lastAssigned;
      const event = { sequence, stream, revision, createdMs, id, type, isJson, data, metadata };
      group.events.push(event);
      bytes += memoryBytes(event);
      return event;
    };
    const admission: AdmissionDeps = { head: heads.get, recent, newId, record };
    let taken = 0;
    for (const pending of ready) {
      if (group.events.length >= groupEvents || bytes >= groupBytes) break;
      const admitted = isLate(pending.request, createdMs)
        ? late
        : admit(admission, pending.request);
      group.answers.push(answerWith(admitted, pending));
      taken += 1;
    }
    ready = ready.slice(taken);
    return group;
  };

  const commit = async (writing: WriterSession, events: readonly RecordedEvent[]) => {
    try {
      await writing.commit(events);
      return true;
    } catch (error) {
      log('error', 'a commit failed: its outcome is unknown', {
        events: events.length,
        error: String(error),
      });
      sessions.giveUp(writing);
      return false;
    }
  };

  const run = async (): Promise<void> => {
    await tick(); // what arrives in this tick is one group
    while (session && ready.length > 0) {
      const group = nextGroup();
      const committed = group.events.length === 0 || (await commit(session, group.events));
      if (committed && group.events.length > 0) tail.append(group.events);
      for (const answer of group.answers) answer(committed);
      // requests that arrived with the answers' tick join the next group
      if (ready.length > 0) await tick();
    }
    running = undefined;
  };

  const onLost = async (): Promise<void> => {
    session = undefined;
    const waiting = ready;
    ready = [];
    heads.clear();
    recent.clear();
    for (const { settle } of waiting) settle(unknown);
    await running;
  };

  const onOpen = async (opened: WriterSession): Promise<void> => {
    for (const stored of await storage.reader.recentIds(recentAtStart)) {
      recent.add(stored.stream, stored.id, stored);
    }
    const published = tail.lastSequence();
    const { lastSequence } = opened;
    if (lastSequence < published)
      log('error', 'storage has lost committed events', { published, stored: lastSequence });
    lastAssigned = lastSequence;
    tail.reset(lastSequence);
    session = opened;
  };

  const sessions = await keepSession({ openWriter: storage.openWriter, log, onOpen, onLost });

  return {
    write: (request, settle) => {
      if (!session || isStopping) {
        settle(unknown);
        return;
      }
      unsettled += 1;
      enqueue(request, (outcome) => {
        unsettled -= 1;
        settled.open();
        settle(outcome);
      });
    },
    stop: async () => {
      isStopping = true;
      while (session && unsettled > 0) await settled.wait();
      session = undefined;
      await sessions.close();
    },
  };
};
