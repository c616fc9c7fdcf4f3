import type { CommitResult, Storage, WriterSession } from '../store/storage';
import { answersTo } from './answers';
import type { WriteRequest } from './events';
import { failureLog } from './failure-log';
import { gate } from './gate';
import { groupsFrom, type Group, type Groups } from './group';
import { headsCache } from './heads';
import type { Log } from './log';
import { newStreams, reservedCapacity, type NewStreams } from './new-streams';
import { recentIds } from './recent-ids';
import { keepSession, type Sessions } from './sessions';
import type { MemoryTail } from './tail';
import { unknown, writeQueue, type Settle, type WriteQueue } from './write-queue';

/** Heads kept in memory, some 300 B each. */
const headsCapacity = 200_000;
/** Ids kept for repeated appends with `any`, and how many of them a restart reads back. */
const recentCapacity = 50_000;
const recentAtStart = 10_000;

export type WriterDeps = {
  readonly storage: Storage;
  readonly tail: MemoryTail;
  readonly log: Log;
  readonly nowMs: () => number;
};

export type Writer = {
  /** Settles each request once: after its commit, or as `unknown` while storage is away. */
  readonly write: (request: WriteRequest, settle: Settle) => void;
  /** Takes no more, finishes what is under way and lets go of the schema. */
  readonly stop: () => Promise<void>;
};

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type LoopDeps = Pick<WriterDeps, 'tail' | 'log' | 'nowMs'> & {
  readonly queue: WriteQueue;
  readonly groups: Groups;
  readonly streams: NewStreams;
  readonly answer: ReturnType<typeof answersTo>;
  readonly giveUp: Sessions['giveUp'];
};

/** The one loop that writes: a group, its commit, its answers, the next group. */
const commitLoop = ({ queue, groups, streams, answer, tail, log, nowMs, giveUp }: LoopDeps) => {
  const logFailure = failureLog(log, nowMs, 'a commit failed: its outcome is unknown');
  let session: WriterSession | undefined;
  let running: Promise<void> | undefined;

  const commit = async (
    writing: WriterSession,
    { events, taken }: Group,
  ): Promise<CommitResult | 'unknown'> => {
    if (events.length === 0) return 'stored';
    try {
      const result = await writing.commit(events);
      if (result === 'revision-taken' && !taken.some(({ isAssumed }) => isAssumed))
        throw new Error('storage has events that were not known: does another server write to it?');
      return result;
    } catch (error) {
      logFailure(error, { events: events.length });
      giveUp(writing);
      return 'unknown';
    }
  };

  const run = async (): Promise<void> => {
    await tick(); // what arrives in this tick is one group
    while (session && !queue.isEmpty()) {
      const group = groups.next(queue.ready());
      queue.drop(group.taken.length);
      const result = await commit(session, group);
      if (result === 'stored' && group.events.length > 0) tail.append(group.events);
      if (result === 'revision-taken') {
        streams.doubt();
        groups.takeBack(group);
      }
      answer(group, result);
      // requests that arrived with the answers' tick join the next group
      if (!queue.isEmpty()) await tick();
    }
    running = undefined;
  };

  return {
    wake: (): void => {
      running ??= run();
    },
    open: (opened: WriterSession): void => {
      session = opened;
    },
    /** Resolves when the group under way has its answers. */
    close: async (): Promise<void> => {
      session = undefined;
      await running;
    },
  };
};

/** Counts what is under way, so that a stop can wait for it. */
const countingWrites = (push: WriteQueue['push']) => {
  const settled = gate();
  let isStopping = false;
  let unsettled = 0;
  const write: Writer['write'] = (request, settle) => {
    if (isStopping) {
      settle(unknown);
      return;
    }
    unsettled += 1;
    push(request, (outcome) => {
      unsettled -= 1;
      if (isStopping) settled.open();
      settle(outcome);
    });
  };
  const drain = async (): Promise<void> => {
    isStopping = true;
    while (unsettled > 0) await settled.wait();
  };
  return { write, drain };
};

/**
 * Writes requests in groups, each of which is one commit: queue → check against the heads → COPY → answers →
 * readers woken. Heads and ids run ahead of the commit; when one fails they are dropped and all that waits is
 * unknown.
 *
 * @throws SchemaLockedError when another server writes to the schema; the database's error when it is away
 */
export const startWriter = async (deps: WriterDeps): Promise<Writer> => {
  const { storage, tail, log, nowMs } = deps;
  const { reader, openWriter } = storage;
  const onFailure = (error: unknown): void =>
    log('warn', 'a lookup of streams failed', { error: String(error) });
  const heads = headsCache({ load: reader.heads, capacity: headsCapacity, onFailure });
  const recent = recentIds(recentCapacity);
  const streams = newStreams(nowMs);
  const groups = groupsFrom({ heads, recent, streams, nowMs });
  const queue = writeQueue({ heads, streams, onReady: () => loop.wake() });
  const answer = answersTo({ idsFrom: reader.idsFrom, recent, push: queue.push, log });
  const giveUp: Sessions['giveUp'] = (session) => sessions.giveUp(session);
  const loop = commitLoop({ queue, groups, streams, answer, tail, log, nowMs, giveUp });

  const onLost = async (): Promise<void> => {
    const idle = loop.close();
    recent.clear();
    queue.close();
    await idle;
  };

  const onOpen = async (opened: WriterSession): Promise<void> => {
    const { lastSequence } = opened;
    const published = tail.lastSequence();
    if (lastSequence < published)
      log('error', 'storage has lost committed events', { published, stored: lastSequence });
    for (const { stream, id, revision, sequence } of await reader.recentIds(recentAtStart))
      recent.add(stream, id, revision, sequence);
    streams.begin(await reader.reservedStreams(reservedCapacity + 1));
    groups.continueAfter(lastSequence);
    tail.reset(lastSequence);
    loop.open(opened);
    queue.open();
  };

  const sessions = await keepSession({ openWriter, log, onOpen, onLost });
  const { write, drain } = countingWrites(queue.push);
  return {
    write,
    stop: async () => {
      await drain();
      await loop.close();
      queue.close();
      await sessions.close();
    },
  };
};
