import { latest } from './latest';
import { atPace } from './pace';
import { untilFinished } from './read-model';
import { onRig } from './rig';
import type { Limit, Measurement, Row } from './row';
import { ofRuns, percentiles } from './statistics';
import { settle } from './warm-up';

type Load = {
  readonly of: string;
  readonly perSecond: number;
  readonly jobsARun: number;
  readonly target: readonly Limit[];
};

const RUNS = 3;
const FINISH_WITHIN_MS = 30_000;

const loads: readonly Load[] = [
  {
    of: '200 whole lives/s',
    perSecond: 200,
    jobsARun: 1_000,
    target: [{ of: 'p99Ms', atMost: 30 }],
  },
  {
    of: '1,157 whole lives/s',
    perSecond: 1_157,
    jobsARun: 6_000,
    target: [{ of: 'p99Ms', atMost: 200 }],
  },
];

/** From the call of the command, before its append, to the commit of the read model that shows it. */
export const appendToVisible: Row = {
  name: 'append-to-visible',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const measurements: Measurement[] = [];
      for (const { of, perSecond, jobsARun, target } of loads) {
        options.note(`append to visible, ${of}`);
        const runs = [];
        const last = latest();
        const stopCounting = await rig.cpu.start();
        for (let run = 0; run < RUNS; run++) {
          const visibleMs: number[] = [];
          await atPace(perSecond, jobsARun, async (index) => {
            const sentMs = performance.now();
            const { position } = await rig.schedule(index, Date.now());
            last.see(position);
            visibleMs.push((await rig.projected.reached(position)) - sentMs);
          });
          runs.push(percentiles(visibleMs));
        }
        await untilFinished(rig, last.get(), FINISH_WITHIN_MS);
        const use = await stopCounting(RUNS * jobsARun);
        measurements.push({ of, ...ofRuns(runs), target, ...use });
      }
      return measurements;
    }),
};
