import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { heapFlags } from '../embedded/node-child';
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

/** Runs a verb again and again at the lowest priority, as the API does, until it is told to stop. */
const again = ({ urls }: Rig, verb: readonly string[], signal: AbortSignal): Promise<void> => {
  const main = join(__dirname, '..', 'cli', 'main.js');
  const servers = ['--eventstore', urls.eventstoreUrl, '--postgres', urls.postgresUrl];
  const nats = verb[0] === 'audit' ? ['--nats', urls.natsUrl] : [];
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const args = ['-n', '19', process.execPath, ...heapFlags, main, ...verb, ...servers, ...nats];
      const child = spawn('nice', args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
      const end = (): void => void child.kill('SIGTERM');
      signal.addEventListener('abort', end, { once: true });
      await once(child, 'exit');
      signal.removeEventListener('abort', end);
    }
  };
  return loop();
};

const figure = ({ values }: Measurement, name: string): number => Number(values[name]);

const besideOf = (
  load: Load,
  alone: Measurement,
  beside: Measurement,
  verb: string,
): Measurement => ({
  of: `${load.of} beside ${verb}`,
  values: {
    finishedPerSecond: figure(beside, 'finishedPerSecond'),
    alonePerSecond: figure(alone, 'finishedPerSecond'),
    shareOfAlone: rounded(figure(beside, 'finishedPerSecond') / figure(alone, 'finishedPerSecond')),
    startLateP50Ms: figure(beside, 'startLateP50Ms'),
    aloneStartLateP50Ms: figure(alone, 'startLateP50Ms'),
    startLateP99Ms: figure(beside, 'startLateP99Ms'),
    aloneStartLateP99Ms: figure(alone, 'startLateP99Ms'),
    early: figure(beside, 'early'),
    leftBehind: figure(beside, 'leftBehind'),
  } satisfies Figures,
  target: [{ of: 'shareOfAlone', atLeast: 0.9 }],
});

/** What dispatching loses while somebody verifies or rebuilds: a tenth at most. */
export const besideTools: Row = {
  name: 'beside-tools',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const measurements: Measurement[] = [];
      for (const load of [steady, ceiling]) {
        options.note(`${load.of}, alone`);
        const alone = await wholeLives(rig, load);
        for (const verb of tools) {
          const name = verb.slice(0, 2).join(' ');
          options.note(`${load.of}, beside ${name}`);
          const stopping = new AbortController();
          const running = again(rig, verb, stopping.signal);
          const beside = await wholeLives(rig, load).finally(() => stopping.abort());
          await running;
          measurements.push(besideOf(load, alone, beside, name));
        }
      }
      return measurements;
    }),
};
