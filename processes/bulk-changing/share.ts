import type { LiveActivity, Pace } from '../../projections/reading/pace';
import type { Timers } from '../runtime/timers';
import type { BulkChangerSettings } from './settings';

/** What tells how much is to spare. All are asked at most once a second. */
export type Room = {
  readonly look: () => Promise<Pick<LiveActivity, 'isLate'>>;
  /** Whether jobs start these minutes, which others would wait for. */
  readonly isStarting: () => Promise<boolean>;
  /** Share of the processor, 0 to 1, that nobody used since it was asked before. */
  readonly idleShare: () => number;
};

/** A processor of which less than this was idle is full: queues grow long before nothing is left. */
const FULL_BELOW = 0.1;
/** Where jobs start, each of them waits longer long before that: of half a processor a change more is felt. */
const SCARCE_BELOW = 0.5;
const LOOK_EVERY_MS = 1_000;
/** What goes on while jobs are late or the processor is scarce. */
const REST_SHARE = 0.1;
/** Looks without trouble after which it goes as fast as it may. */
const STEPS = 10;

/**
 * How fast jobs are changed: a little faster with each second in which the system has room, half as fast with each in
 * which jobs are late or the processor is full, or is half used while jobs start. What is due goes before what was asked
 * for in bulk.
 */
export const changingShare = (
  { look, isStarting, idleShare }: Room,
  { monotonicMs }: Pick<Timers, 'monotonicMs'>,
  { mostPerSecond }: Pick<BulkChangerSettings, 'mostPerSecond'>,
  onChange: (perSecond: number) => void,
): (() => Promise<Pace>) => {
  const least = REST_SHARE * mostPerSecond;
  let lookedMs = -Infinity;
  let perSecond = mostPerSecond / 2;

  const isBusy = async (): Promise<boolean> => {
    const idle = idleShare();
    try {
      const { isLate } = await look();
      return isLate || idle < ((await isStarting()) ? SCARCE_BELOW : FULL_BELOW);
    } catch {
      return true; // who cannot tell is taken to have trouble
    }
  };
  return async () => {
    if (monotonicMs() - lookedMs >= LOOK_EVERY_MS) {
      lookedMs = monotonicMs();
      perSecond = (await isBusy())
        ? Math.max(least, perSecond / 2)
        : Math.min(mostPerSecond, perSecond + mostPerSecond / STEPS);
      onChange(perSecond);
    }
    return { eventsPerSecond: perSecond };
  };
};
