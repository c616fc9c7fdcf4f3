import type { RecordedEvent } from '../../domain/event-log';
import { isTombstone } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import type { Fold, Plan, Projection, Rebuild, Table } from '../projection';
import { recordedEvent } from '../reading/log-scan';
import { mergedNotice } from './notice';

const merged = (plans: readonly Plan[]): Plan => ({
  statements: plans.flatMap(({ statements }) => statements),
  partitions: plans.flatMap(({ partitions }) => partitions),
  notice: mergedNotice(plans.map(({ notice }) => notice)),
});

/** All that is written, rebuilt and compared together. */
export type ReadModel = Projection & { readonly rebuild: (now: Instant) => Rebuild };

const byPlan = ({ plan, isMine }: Projection): Rebuild => ({
  keyless: [],
  plan,
  fold: () => {
    const events: RecordedEvent[] = [];
    return {
      add: (stored) => {
        if (!isMine(stored.stream) || isTombstone(stored.type)) return false;
        events.push(recordedEvent(stored));
        return true;
      },
      plan: () => plan(events),
    };
  },
  finish: () => Promise.resolve(),
});

/**
 * An event that a later part cannot read is taken by the earlier ones already: then the batch has no plan, and who
 * writes it finds out, event by event, what to park.
 */
const combinedFold = (folds: readonly Fold[]): Fold => {
  let broken: { readonly error: unknown } | undefined;
  return {
    add: (event) => {
      let isTaken = false;
      for (const fold of folds)
        try {
          isTaken = fold.add(event) || isTaken;
        } catch (error) {
          if (!isTaken) throw error;
          broken ??= { error };
        }
      return isTaken;
    },
    plan: () => {
      if (broken) throw broken.error;
      return merged(folds.map((fold) => fold.plan()));
    },
  };
};

const tablesOf = (parts: readonly Projection[]): Projection['tables'] => {
  const all: Record<string, Table> = {};
  for (const { name, tables } of parts)
    for (const [table, how] of Object.entries(tables)) {
      if (all[table]) throw new Error(`${name} has a table ${table}, and another projection too`);
      all[table] = how;
    }
  return all;
};

/**
 * Projections that are written together: of a batch all of them have their rows or none has, by one checkpoint.
 * A stream that one of them cannot apply is parked for all.
 *
 * @param name   key of their row in `checkpoint` and of their rows in `parked_streams`
 * @param parts  at least one
 * @throws Error when two have a table of the same name
 */
export const combined = (name: string, parts: readonly Projection[]): ReadModel => {
  const isMine: Projection['isMine'] = (stream) => parts.some((part) => part.isMine(stream));
  /** All that comes is somebody's; of one part it is all its own. */
  const ownOf = (part: Projection, events: readonly RecordedEvent[]): readonly RecordedEvent[] =>
    parts.length === 1 ? events : events.filter(({ stream }) => part.isMine(stream));
  return {
    name,
    tables: tablesOf(parts),
    migrations: parts.flatMap(({ migrations }) => migrations),
    prefixes: [...new Set(parts.flatMap(({ prefixes }) => prefixes))],
    isMine,
    plan: (events) => merged(parts.map((part) => part.plan(ownOf(part, events)))),
    trims: parts.flatMap(({ trims }) => trims),
    broughtBack: (streams) =>
      parts.flatMap(
        ({ isMine: isTheirs, broughtBack }) => broughtBack?.(streams.filter(isTheirs)) ?? [],
      ),
    noticeOfAll: async (session) =>
      mergedNotice(await Promise.all(parts.map((part) => part.noticeOfAll(session)))),
    rebuild: (now) => {
      const rebuilds = parts.map((part) => ({
        part,
        ...(part.rebuild === 'by-plan' ? byPlan(part) : part.rebuild(now)),
      }));
      return {
        keyless: rebuilds.flatMap(({ keyless }) => keyless),
        plan: (events) => merged(rebuilds.map(({ part, plan }) => plan(ownOf(part, events)))),
        fold: () => combinedFold(rebuilds.map(({ fold }) => fold())),
        finish: async (session) => {
          for (const { finish } of rebuilds) await finish(session);
        },
      };
    },
  };
};
