import { systemClock } from '../../infra/clock';
import type { ServerCheck, ServerSetting } from '../../infra/server-check';
import { skewOf, SKEW_LIMIT_MS, type ServerTime } from '../../infra/server-time';
import { systemTimers } from '../../processes/runtime/timers';

/** The clock of a server beside that of this machine, which need not be the one that the programs run on. */
export const clockCheck = (setting: ServerSetting, time: ServerTime): ServerCheck => ({
  setting,
  name: 'a clock that agrees with this one',
  look: async () => {
    const asked = skewOf(time, {
      clock: systemClock,
      monotonicMs: systemTimers.monotonicMs,
    });
    const skewMs = await asked.catch(() => undefined); // what keeps it from answering, other checks tell
    if (skewMs === undefined) return { outcome: 'ok', detail: 'it does not tell its time' };
    if (Math.abs(skewMs) <= SKEW_LIMIT_MS) return { outcome: 'ok' };
    return {
      outcome: 'reduced',
      found: `one that is ${Math.abs(skewMs)} ms ${skewMs > 0 ? 'ahead' : 'behind'}`,
      remedy: 'Set both by NTP: jobs start by the clocks of the dispatcher and of Postgres.',
    };
  },
});
