import type { Draw } from '../../domain/chance';
import { brake } from '../../projections/reading/pace';
import type { OpenOperation } from '../../projections/queries/operations/open';
import { unwatched, type Vitals } from '../health/vitals';
import { backoffMs, outagePolicy, pause } from '../runtime/backoff';
import { contained, type Contained } from '../runtime/contained';
import { innerController } from '../runtime/inner-signal';
import { isLogAway, isLogOutage } from '../runtime/log-outage';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import { wakeUp } from '../runtime/wake-up';
import { bulkChangerDefaults, type BulkChangerSettings } from './settings';
import { changingShare, type Room } from './share';
import { turnOf, type TurnDeps } from './turn';

export type BulkChangerDeps = TurnDeps & {
  readonly room: Room;
  /** Calls `work` if no other one is at it right now; gives whether it was called. The signal aborts when another may be. */
  readonly exclusively: (work: (lost: AbortSignal) => Promise<void>) => Promise<boolean>;
  /** Calls `changed` when operations changed. @returns what ends that */
  readonly onOperations: (changed: () => void) => () => void;
  readonly logger: Logger;
  readonly draw: Draw;
  readonly vitals?: Vitals;
  readonly timers?: Timers;
  readonly settings?: Partial<BulkChangerSettings>;
};

/** Whether a message on the channel `projected` says that rows of operations were written. A false one costs a look. */
export const tellsOfOperations = (payload: string): boolean =>
  payload.includes('operationPosition');

/** One operation of each owner, in a round in which each of theirs has its turn after the other. */
export const nextInTurn = (
  open: readonly OpenOperation[],
  round: number,
): readonly OpenOperation[] => {
  const byOwner = new Map<string, OpenOperation[]>();
  for (const one of open) {
    const { ownerId } = one.operation.definition;
    const theirs = byOwner.get(ownerId);
    if (theirs) theirs.push(one);
    else byOwner.set(ownerId, [one]);
  }
  return [...byOwner.values()].flatMap((theirs) => theirs[round % theirs.length] ?? []);
};

/** What could not be done is put off, and told once. */
const containing = (
  { metrics, logger, timers = systemTimers }: BulkChangerDeps,
  { owners }: BulkChangerSettings,
): Contained<OpenOperation> =>
  contained({
    ...{ timers, concurrency: owners, isOutage: isLogAway },
    idOf: ({ operationId }) => operationId,
    onFault: ({ operationId }, error, times) => {
      metrics.fault();
      if (times > 1) return;
      logger.warn({ err: error, operationId }, 'an operation cannot go on now; it is put off');
    },
  });

/**
 * Carries out operations: changes their jobs batch by batch, at a pace that leaves the system its room, owners in
 * turn. Each job is changed by a command of its own with an id that is made of operation and job, so one who was
 * killed in the middle has left nothing that is done twice.
 */
export const bulkChanger = (deps: BulkChangerDeps): Process => ({
  name: 'bulk-changer',
  run: async (signal) => {
    const { logger, metrics, vitals = unwatched, timers = systemTimers } = deps;
    const settings = { ...bulkChangerDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    const changed = wakeUp(timers);
    const share = changingShare(deps.room, timers, settings, metrics.perSecond);
    const turn = turnOf(deps, { settings, timers, brake: brake(share, timers) });
    const { each } = containing(deps, settings);

    /** @returns whether anything was done */
    const round = async (number: number, ending: AbortSignal): Promise<boolean> => {
      const open = await deps.open.open(settings.perOwner);
      metrics.open(open.length);
      let isMoving = false;
      await each(nextInTurn(open, number), async (one) => {
        const done = await turn(one, ending);
        isMoving ||= done === 'settled';
        return done;
      });
      return isMoving;
    };

    const lead = async (lost: AbortSignal): Promise<void> => {
      const ending = AbortSignal.any([stopping, lost]);
      for (let number = 0, failures = 0; !ending.aborted; number += 1)
        try {
          const isMoving = await round(number, ending);
          failures = 0;
          vitals.moved();
          vitals.worked('event-store');
          vitals.worked('read-model');
          if (!isMoving) await changed.wait(settings.everyMs);
        } catch (error) {
          if (ending.aborted) return;
          failures += 1;
          vitals.failed(isLogOutage(error) ? 'event-store' : 'read-model', error);
          if (failures === 1) logger.warn({ err: error }, 'operations cannot be carried out now');
          await pause(backoffMs(failures, outagePolicy, deps.draw()), ending);
        }
    };

    const stopListening = deps.onOperations(changed.call);
    stopping.addEventListener('abort', changed.call);
    try {
      while (!stopping.aborted) {
        try {
          if (!(await deps.exclusively(lead))) vitals.standsBy();
        } catch (error) {
          vitals.failed('read-model', error);
          if (!stopping.aborted) logger.warn({ err: error }, 'no bulk changer can be chosen');
        }
        await pause(settings.everyMs, stopping);
      }
    } finally {
      stopListening();
    }
  },
});
