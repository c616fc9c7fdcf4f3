import { setTimeout as sleep } from 'node:timers/promises';
import { latest } from './latest';
import type { Rig } from './rig';
import { atPace } from './pace';
import { untilFinished } from './read-model';

/**
 * While the broker's stream is younger than this, the rescuer takes it for one that was lost and made again,
 * and looks for every message that is a second old: work that a system which has run for a while does not have.
 */
const YOUNG_MS = 32_000;

const WARM_UP_PER_SECOND = 500;
const WARM_UP_JOBS = 2_000;

/** Lets jobs run through the whole stack, so that nothing is measured for the first time it is ever done. */
export const warmUp = async (rig: Rig): Promise<void> => {
  const last = latest();
  await atPace(WARM_UP_PER_SECOND, WARM_UP_JOBS, async (index) => {
    last.see((await rig.schedule(index, Date.now())).position);
  });
  await untilFinished(rig, last.get(), 30_000);
};

/** The same, and waits until the stack behaves like one that has run for a while. */
export const settle = async (rig: Rig): Promise<void> => {
  await warmUp(rig);
  await sleep(Math.max(0, rig.startedMs + YOUNG_MS - performance.now()));
};
