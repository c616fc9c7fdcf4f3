import { interval, merge, throttleTime, type Observable, type Subscription } from 'rxjs';
import type { StatusChange } from '../../domain/job/status-change';
import type { StatusFeed } from '../../projections/queries/status-feed';
import type { Logger } from '../http/exchange';
import { batchOf, toldOf, type Batch, type Told } from './batch';

/** A connection as the tail sees it. */
export type Listener = {
  /** Undefined: hears everybody's changes. */
  readonly ownerId: string | undefined;
  readonly hear: (batch: Batch) => void;
};

export type LiveTail = {
  /** Everything up to here has been told to its listeners. */
  readonly position: () => bigint;
  /** `head`: where the feed ends now, for the first listener to begin at. Returns how to leave. */
  readonly join: (listener: Listener, head: bigint) => () => void;
};

export type LiveTailDeps = {
  readonly feed: Pick<StatusFeed, 'after'>;
  /** Hints that the feed has grown. */
  readonly changed$: Observable<unknown>;
  readonly logger: Logger;
};

/** A lost hint delays a change by no more than this. */
const FALLBACK_MS = 1_000;
/** Hints closer together than this cost one query. */
const QUIET_MS = 20;
/** Well below what a connection may have in its buffer: one page never cuts off a reader that keeps up. */
const PAGE = 500;

/** Who listens, by owner. */
const listening = () => {
  const byOwner = new Map<string | undefined, Set<Listener>>();
  return {
    isNobody: (): boolean => byOwner.size === 0,
    add: (listener: Listener): void => {
      const its = byOwner.get(listener.ownerId) ?? new Set();
      byOwner.set(listener.ownerId, its.add(listener));
    },
    remove: (listener: Listener): void => {
      const its = byOwner.get(listener.ownerId);
      its?.delete(listener);
      if (its?.size === 0) byOwner.delete(listener.ownerId);
    },
    /** Each hears all that is his at once: with a hundred who listen, a write for each change is what costs most. */
    tell: (changes: readonly StatusChange[]): void => {
      const byHearer = new Map<string | undefined, Told[]>();
      for (const change of changes) {
        const hearers = [change.ownerId, undefined].filter((ownerId) => byOwner.has(ownerId));
        if (hearers.length === 0) continue;
        const told = toldOf(change);
        for (const ownerId of hearers) {
          const its = byHearer.get(ownerId);
          if (its) its.push(told);
          else byHearer.set(ownerId, [told]);
        }
      }
      for (const [ownerId, its] of byHearer) {
        const batch = batchOf(its);
        for (const listener of [...(byOwner.get(ownerId) ?? [])]) listener.hear(batch);
      }
    },
  };
};

/** Reads the feed once for all connections, and only while there are any. */
export const liveTail = ({ feed, changed$, logger }: LiveTailDeps): LiveTail => {
  const listeners = listening();
  let position = -1n;
  let isPulling = false;
  let isPullWanted = false;
  let hints: Subscription | undefined;

  const pullAll = async (): Promise<void> => {
    for (;;) {
      const changes = await feed.after(position, undefined, PAGE);
      // all may have left and others come meanwhile, who began further on
      const fresh = changes.filter((one) => one.position > position);
      position = fresh.at(-1)?.position ?? position;
      listeners.tell(fresh);
      if (changes.length < PAGE || listeners.isNobody()) return;
    }
  };

  const pull = async (): Promise<void> => {
    isPullWanted = true;
    if (isPulling) return;
    isPulling = true;
    try {
      while (isPullWanted && !listeners.isNobody()) {
        isPullWanted = false;
        await pullAll();
      }
    } catch (error) {
      logger.warn(
        { err: error },
        'the status feed cannot be read; trying again with the next hint',
      );
    } finally {
      isPulling = false;
    }
  };

  const leave = (listener: Listener): void => {
    listeners.remove(listener);
    if (!listeners.isNobody()) return;
    hints?.unsubscribe();
    hints = undefined;
  };

  return {
    position: () => position,
    join: (listener, head) => {
      if (listeners.isNobody()) position = head;
      listeners.add(listener);
      hints ??= merge(changed$, interval(FALLBACK_MS))
        .pipe(throttleTime(QUIET_MS, undefined, { leading: true, trailing: true }))
        .subscribe(() => void pull());
      return () => leave(listener);
    },
  };
};
