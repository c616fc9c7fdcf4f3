import type { EventLog } from '../../domain/event-log';
import { jobStream } from '../../domain/ids';
import { isInLog, type EventAt, type LogMark } from '../reading/log-place';
import type { OriginStore, ReadModelOrigin } from './read-model-origin';

/** How a read model and a log that stand beside each other do not belong together. */
export type Mismatch =
  | { readonly kind: 'other-system'; readonly readModel: string; readonly log: string }
  /** The read model has a system, the log has none: it is new, another one, or a copy from before it was named. */
  | { readonly kind: 'unnamed-log'; readonly readModel: string }
  /** The read model was made of events that the log does not have. */
  | { readonly kind: 'other-events'; readonly checkpoint: LogMark };

export type SameLogDeps = {
  readonly log: Pick<EventLog, 'read'>;
  readonly eventAt: EventAt;
  readonly origin: Pick<OriginStore, 'look' | 'newestTold'>;
};

/** A process that reads both cannot go on; a replay heals it. */
export class EventsNotInLog extends Error {
  override readonly name = 'EventsNotInLog';
}

/** Earlier builds remember a position only; which event was there is told by the newest row. */
const isToldOf = async ({ log, origin }: SameLogDeps): Promise<boolean> => {
  const told = await origin.newestTold();
  if (!told) return true;
  const events = await log.read(jobStream(told.jobId));
  return events.some(
    ({ revision, position }) => revision === told.revision && position === told.position,
  );
};

const hasSeen = async (deps: SameLogDeps, checkpoint: LogMark): Promise<boolean> =>
  (await isInLog(checkpoint, deps.eventAt)) &&
  (checkpoint.eventId !== undefined || (await isToldOf(deps)));

/**
 * Holds a read model against a log.
 *
 * @param systemId  what the log names
 * @returns         undefined when they belong together, as far as both say
 * @throws what the servers throw
 */
export const mismatchOf = async (
  deps: SameLogDeps,
  systemId: string | undefined,
  { systemId: readModel, checkpoint }: ReadModelOrigin,
): Promise<Mismatch | undefined> => {
  if (readModel !== undefined && systemId === undefined) return { kind: 'unnamed-log', readModel };
  if (readModel !== undefined && systemId !== undefined && readModel !== systemId)
    return { kind: 'other-system', readModel, log: systemId };
  return checkpoint === undefined || (await hasSeen(deps, checkpoint))
    ? undefined
    : { kind: 'other-events', checkpoint };
};

const EMPTY_IT =
  'or, where this log is the one to go on with, empty the read model (an empty database, or drop schema … cascade; create schema …) and start again: it is rebuilt from the log';

/** What was found and what to do, for the person who has set it up. */
export const mismatchText = (
  mismatch: Mismatch,
): { readonly found: string; readonly remedy: string } => {
  switch (mismatch.kind) {
    case 'other-system':
      return {
        found: `a read model of the system ${mismatch.readModel}, while the log is of the system ${mismatch.log}`,
        remedy: `Name the servers of one system, ${EMPTY_IT}.`,
      };
    case 'unnamed-log':
      return {
        found: `a read model of the system ${mismatch.readModel}, while the log names none: it is new, or another one`,
        remedy: `Name the log of that system, ${EMPTY_IT}.`,
      };
    case 'other-events':
      return {
        found: `a read model of an event at position ${mismatch.checkpoint.position} that the log does not have: the log was restored from an older copy, or is another one`,
        remedy:
          'Run "punctual replay", which rebuilds the read model from this log, or name the log that it was made of.',
      };
  }
};

/** Held against the log again and again while a process runs. @returns undefined as long as the log has its events */
export const otherEvents = async ({
  eventAt,
  origin,
}: Pick<SameLogDeps, 'eventAt'> & { readonly origin: Pick<OriginStore, 'look'> }): Promise<
  EventsNotInLog | undefined
> => {
  const { checkpoint } = await origin.look();
  return checkpoint === undefined || (await isInLog(checkpoint, eventAt))
    ? undefined
    : eventsNotInLog(checkpoint);
};

export const eventsNotInLog = (checkpoint: LogMark): EventsNotInLog => {
  const { found, remedy } = mismatchText({ kind: 'other-events', checkpoint });
  return new EventsNotInLog(`there is ${found}. ${remedy}`);
};
