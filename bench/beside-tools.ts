import { join } from 'node:path';
import { toolRunner } from '../processes/tools';
import { onRig, type Rig } from './rig';
import type { Figures, Measurement, Row } from './row';
import { rounded } from './statistics';
import { settle } from './warm-up';
import { wholeLives, type Load } from './whole-life';

/** More than two cores can do: what is finished a second is the ceiling. */
const ceiling: Load = { of: 'ceiling', perSecond: 1_500, seconds: 15 };
const steady: Load = { of: '300/s', perSecond: 300, seconds: 15 };

const tools: readonly (readonly string[])[] = [
  ['audit', 'verify', '--overdue-after', '24h'],
  ['replay', '--dry-run'],
];

/** Runs a verb again and again as the API does, until it is told to stop. */
const again = async (
  { urls }: Rig,
  verb: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const run = toolRunner({
    script: join(__dirname, '..', 'cli', 'main.js'),
    env: {
      PATH: process.env['PATH'],
      EVENTSTORE_URL: urls.eventstoreUrl,
      POSTGRES_URL: urls.postgresUrl,
      NATS_URL: urls.natsUrl,
    },
  });
  while (!signal.aborted) await run(verb, () => Promise.resolve(), signal);
};

const figure = ({ values }: Measurement, name: string): number => Number(values[name]);

const mean = (before: Measurement, after: Measurement, name: string): number =>
  rounded((figure(before, name) + figure(after, name)) / 2);

/** The machine is not steady, so what runs beside a tool is held against runs alone before and after. */
const besideOf = (
  { of }: Load,
  verb: string,
  [before, beside, after]: readonly [Measurement, Measurement, Measurement],
): Measurement => {
  const alonePerSecond = mean(before, after, 'finishedPerSecond');
  return {
    of: `${of} beside ${verb}`,
    values: {
      finishedPerSecond: figure(beside, 'finishedPerSecond'),
      alonePerSecond,
      shareOfAlone: rounded(figure(beside, 'finishedPerSecond') / alonePerSecond),
      startLateP50Ms: figure(beside, 'startLateP50Ms'),
      aloneStartLateP50Ms: mean(before, after, 'startLateP50Ms'),
      startLateP99Ms: figure(beside, 'startLateP99Ms'),
      aloneStartLateP99Ms: mean(before, after, 'startLateP99Ms'),
      early: figure(beside, 'early'),
      leftBehind: figure(beside, 'leftBehind'),
    } satisfies Figures,
    target: [{ of: 'shareOfAlone', atLeast: 0.9 }],
  };
};

/** What dispatching loses while somebody verifies or rebuilds: a tenth at most. */
export const besideTools: Row = {
  name: 'beside-tools',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const measurements: Measurement[] = [];
      for (const load of [steady, ceiling]) {
        options.note(`${load.of}, alone`);
        let before = await wholeLives(rig, load);
        for (const verb of tools) {
          const name = verb.slice(0, 2).join(' ');
          options.note(`${load.of}, beside ${name}`);
          const stopping = new AbortController();
          const running = again(rig, verb, stopping.signal);
          const beside = await wholeLives(rig, load).finally(() => {
            stopping.abort();
          });
          await running;
          options.note(`${load.of}, alone`);
          const after = await wholeLives(rig, load);
          measurements.push(besideOf(load, name, [before, beside, after]));
          before = after;
        }
      }
      return measurements;
    }),
};
