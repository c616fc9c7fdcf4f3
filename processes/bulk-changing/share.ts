import type { LiveActivity, Pace } from '../../projections/reading/pace';
import type { Timers } from '../runtime/timers';
import type { BulkChangerSettings } from './settings';

/** What tells how much is to spare. Both are asked at most once a second. */
export type Room = {
  readonly look: () => Promise<Pick<LiveActivity, 'isLate'>>;
  /** Share of the processor, 0 to 1, that nobody used since it was asked before. */
  readonly idleShare: () => number;
};

/** A processor of which less than this was idle is full: queues grow long before nothing is left. */
const FULL_BELOW = 0.1;
const LOOK_EVERY_MS = 1_000;
/** What goes on while jobs are late or the processor is full. */
const REST_SHARE = 0.1;
/** Looks without trouble after which it goes as fast as it may. */
const STEPS = 10;

/**
 * How fast jobs are changed: a little faster with each second in which the system has room, and at once as slow as can
 * be in one in which jobs are late or the processor is full: what is due goes before what was asked for in bulk, and a
 * burst of due jobs is over before a pace that went down by halves would be low.
 */
export const changingShare = (
  { look, idleShare }: Room,
  { monotonicMs }: Pick<Timers, 'monotonicMs'>,
  { mostPerSecond }: Pick<BulkChangerSettings, 'mostPerSecond'>,
  onChange: (perSecond: number) => void,
): (() => Promise<Pace>) => {
  const least = REST_SHARE * mostPerSecond;
  let lookedMs = -Infinity;
  let perSecond = mostPerSecond / 2;

  const isBusy = async (): Promise<boolean> => {
    const isFull = idleShare() < FULL_BELOW;
    const isLate = await look().then(
      (activity) => activity.isLate,
      () => true, // who cannot tell is taken to have trouble
    );
    return isFull || isLate;
  };
  return async () => {
    if (monotonicMs() - lookedMs >= LOOK_EVERY_MS) {
      lookedMs = monotonicMs();
      perSecond = (await isBusy())
        ? least
        : Math.min(mostPerSecond, perSecond + mostPerSecond / STEPS);
      onChange(perSecond);
    }
    return { eventsPerSecond: perSecond };
  };
};
