import { EventLogUnavailable, type EventLog } from '../../domain/event-log';
import type { ProjectionWriter } from '../../projections/writing/projection-writer';
import { pause } from '../runtime/backoff';
import type { Timers } from '../runtime/timers';

export type ParkedRetrySettings = {
  /** How often to look for parked streams that are due; a stream waits so long after its first failed try, and twice as long after each further one … */
  readonly parkedEveryMs: number;
  /** … but no longer than this. */
  readonly parkedMaxMs: number;
  /** So many streams are read at once … */
  readonly parkedGroup: number;
  /** … with a rest before the next ones: they take the processor from what is alive. */
  readonly parkedRestMs: number;
};

export const parkedRetryDefaults: ParkedRetrySettings = {
  parkedEveryMs: 60_000,
  parkedMaxMs: 6 * 3_600_000,
  parkedGroup: 8,
  parkedRestMs: 100,
};

export type ParkedRetryDeps = {
  readonly writer: Pick<ProjectionWriter, 'parkedStreams' | 'retryParked'>;
  readonly eventLog: Pick<EventLog, 'read'>;
  readonly timers: Pick<Timers, 'monotonicMs'>;
  readonly settings: ParkedRetrySettings;
  /** Told after each group: some may have come back. */
  readonly onTried: () => void;
};

type Wait = { readonly tries: number; readonly untilMs: number };

/**
 * Tries parked streams again, few at a time and beside the projector's own work, the longer a stream is parked the
 * more rarely. Who begins again, as a new build does, tries all of them soon.
 *
 * @throws what the writer's connection throws
 */
export const retryParkedStreams = async (
  { writer, eventLog, timers, settings, onTried }: ParkedRetryDeps,
  signal: AbortSignal,
): Promise<void> => {
  const { parkedEveryMs, parkedMaxMs, parkedGroup, parkedRestMs } = settings;
  let waits: ReadonlyMap<string, Wait> = new Map();

  const tryGroup = async (group: readonly string[], next: Map<string, Wait>): Promise<void> => {
    const remaining = await writer.retryParked(eventLog, group);
    for (const stream of remaining) {
      const tries = (waits.get(stream)?.tries ?? 0) + 1;
      const waitMs = Math.min(parkedMaxMs, parkedEveryMs * 2 ** (tries - 1));
      next.set(stream, { tries, untilMs: timers.monotonicMs() + waitMs });
    }
    onTried();
    await pause(parkedRestMs, signal);
  };

  const round = async (): Promise<void> => {
    const next = new Map<string, Wait>(); // of those that are still parked
    let group: string[] = [];
    for (const stream of writer.parkedStreams()) {
      const wait = waits.get(stream);
      if (wait && wait.untilMs > timers.monotonicMs()) next.set(stream, wait);
      else group.push(stream);
      if (group.length < parkedGroup) continue;
      await tryGroup(group, next);
      if (signal.aborted) return;
      group = [];
    }
    if (group.length > 0) await tryGroup(group, next);
    waits = next;
  };

  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      if (!(error instanceof EventLogUnavailable)) throw error; // says nothing of the streams
    }
    await pause(parkedEveryMs, signal);
  }
};
