import { cpus, type CpuInfo } from 'node:os';

type Times = { readonly idleMs: number; readonly allMs: number };

const timesOf = (cores: readonly Pick<CpuInfo, 'times'>[]): Times => ({
  idleMs: cores.reduce((sum, { times }) => sum + times.idle, 0),
  allMs: cores.reduce((sum, { times }) => sum + Object.values(times).reduce((a, b) => a + b), 0),
});

/**
 * Tells each time what share of all cores' time, 0 to 1, nobody used since it was asked before; 1 while no time
 * has been counted. The system counts in steps of some ms: less than a tenth of a second tells little.
 *
 * @param read  the cores of this machine, by default
 */
export const processorIdle = (
  read: () => readonly Pick<CpuInfo, 'times'>[] = cpus,
): (() => number) => {
  let before = timesOf(read());
  return () => {
    const now = timesOf(read());
    const allMs = now.allMs - before.allMs;
    // the idle time of a Linux core may step back a little
    const share = allMs > 0 ? Math.max(0, now.idleMs - before.idleMs) / allMs : 1;
    before = now;
    return share;
  };
};
