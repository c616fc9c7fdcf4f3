import { newEvents } from '../../commands/new-events';
import type { Ids } from '../../domain/ids';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  type EventLog,
} from '../../domain/event-log';
import { APPEND_TRIED, trialStream } from '../../domain/system/trial';
import { toTimestamp, type Clock } from '../../domain/time';
import { pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import { isLogAway } from '../runtime/log-outage';
import type { Process } from '../runtime/process';
import type { Vitals } from './vitals';

export type AppendWatchDeps<Log extends EventLog> = {
  readonly eventLog: Log;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly vitals: Pick<Vitals, 'failed' | 'worked'>;
  /** Between two trials; by default 2 s. */
  readonly everyMs?: number;
};

export type AppendWatch<Log extends EventLog> = Process & {
  /** The same log, which is heard. */
  readonly eventLog: Log;
};

const EVERY_MS = 2_000;
/** Some 16 KiB that nothing makes smaller: a small event finds room on a disk that is full for others. */
const TRIAL_PARTS = 450;

const TAKES_NONE = 'the event store takes no appends; look at its log and at the room on its disk';

/** The same for every append: which of them it was tells nothing. */
const reasonOf = (error: unknown): Error =>
  new Error(
    error instanceof EventLogRefused
      ? 'the event store refuses appends; look at the rights of the user in EVENTSTORE_URL'
      : TAKES_NONE,
  );

/**
 * Hears whether the log takes what commands append: one whose disk is full answers every read. After an append that
 * came to nothing it is tried with one event in a stream of its own until it takes one again, for nobody sends
 * commands to an instance that is not ready; a log that is well is never tried.
 *
 * A log that leaves a trial without an outcome, and answers a read all the same, takes no appends: from then on a
 * command is refused with nothing sent, where it would end unknown. One command may go after each trial, for a path
 * may lose what is large, as the trial is. A log that answers no reads either is being replaced: a call may wait for
 * the next.
 */
export const appendWatch = <Log extends EventLog>(deps: AppendWatchDeps<Log>): AppendWatch<Log> => {
  const { eventLog, ids, clock, vitals, everyMs = EVERY_MS } = deps;
  let isInDoubt = false;
  let takesNone = false;
  let mayTry = false;

  const heard: EventLog['append'] = async (...asked) => {
    try {
      const answer = await eventLog.append(...asked);
      // a conflict is found without a write
      if (answer.outcome === 'appended') {
        isInDoubt = false;
        takesNone = false;
        vitals.worked('event-store');
      }
      return answer;
    } catch (error) {
      if (isLogAway(error)) {
        isInDoubt = true;
        vitals.failed('event-store', reasonOf(error));
      }
      throw error;
    }
  };

  const append: EventLog['append'] = async (...asked) => {
    if (takesNone && !mayTry) throw new EventLogUnavailable(TAKES_NONE);
    mayTry = false;
    return await heard(...asked);
  };

  const answersReads = (stream: string): Promise<boolean> =>
    eventLog.read(stream).then(
      () => true,
      () => false,
    );

  const trial = async (): Promise<void> => {
    const id = ids.next();
    const stream = trialStream(id);
    const metadata = {
      $correlationId: stream,
      $causationId: id,
      commandId: id,
      actor: { kind: 'system', id: 'append-watch' },
      at: toTimestamp(clock.now()),
    } as const;
    const parts = Array.from({ length: TRIAL_PARTS }, (_, part) => ids.derive(id, String(part)));
    const events = newEvents(ids, [{ type: APPEND_TRIED, data: { parts } }], id, metadata);
    try {
      await heard(stream, events, 'no-stream'); // tells of itself
    } catch (error) {
      takesNone = error instanceof AppendOutcomeUnknown && (await answersReads(stream));
      mayTry = true;
    }
  };

  return {
    name: 'append-watch',
    eventLog: { ...eventLog, append },
    run: async (outer) => {
      const { signal } = innerController(outer);
      while (!signal.aborted) {
        await pause(everyMs, signal);
        if (isInDoubt && !signal.aborted) await trial();
      }
    },
  };
};
