import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolRunner } from '../processes/tools';
import type { Note } from './progress';
import { onRig, type Rig } from './rig';
import type { Figures, Measurement, Row } from './row';
import { ofRuns, rounded } from './statistics';
import { settle } from './warm-up';
import { wholeLives, type Load } from './whole-life';

/** A log that no tool comes to the end of while it is looked at: the start of a program is no part of its work. */
const history: Load = { of: 'history', perSecond: 700, seconds: 50 };
/** More than two cores can do: what is finished a second is the ceiling. */
const ceiling: Load = { of: 'ceiling', perSecond: 1_500, seconds: 15 };
const steady: Load = { of: '300/s', perSecond: 300, seconds: 15 };
/** For a tool that has begun to read. */
const BEGIN_MS = 3_000;
/** The machine is not steady: each run is beside one alone, and medians are told. */
const ROUNDS = 3;

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

const seen = ({ values }: Measurement): Figures => {
  const { finishedPerSecond, startLateP50Ms, startLateP99Ms, early, leftBehind } = values;
  return { finishedPerSecond, startLateP50Ms, startLateP99Ms, early, leftBehind } as Figures;
};

const besideOf = (
  of: string,
  beside: readonly Figures[],
  alone: readonly Figures[],
): Measurement => {
  const { values, range, runs } = ofRuns(beside);
  const { values: without } = ofRuns(alone);
  const share = Number(values['finishedPerSecond']) / Number(without['finishedPerSecond']);
  return {
    of,
    values: {
      ...values,
      alonePerSecond: Number(without['finishedPerSecond']),
      shareOfAlone: rounded(share),
      aloneStartLateP50Ms: Number(without['startLateP50Ms']),
      aloneStartLateP99Ms: Number(without['startLateP99Ms']),
    },
    range,
    runs,
    target: [{ of: 'shareOfAlone', atLeast: 0.9 }],
  };
};

const besideAll = async (rig: Rig, load: Load, note: Note): Promise<readonly Measurement[]> => {
  const alone: Figures[] = [];
  const beside = tools.map((): Figures[] => []);
  for (let round = 1; round <= ROUNDS; round++)
    for (const [index, verb] of tools.entries()) {
      note(`${load.of}, round ${round}: alone, then beside ${verb.slice(0, 2).join(' ')}`);
      alone.push(seen(await wholeLives(rig, load)));
      const stopping = new AbortController();
      const running = again(rig, verb, stopping.signal);
      await sleep(BEGIN_MS);
      const run = await wholeLives(rig, load).finally(() => {
        stopping.abort();
      });
      await running;
      beside[index]?.push(seen(run));
    }
  return tools.map((verb, index) =>
    besideOf(`${load.of} beside ${verb.slice(0, 2).join(' ')}`, beside[index] ?? [], alone),
  );
};

/** What dispatching loses while somebody verifies or rebuilds: a tenth at most. */
export const besideTools: Row = {
  name: 'beside-tools',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      options.note('making a log');
      await wholeLives(rig, history);
      return [
        ...(await besideAll(rig, steady, options.note)),
        ...(await besideAll(rig, ceiling, options.note)),
      ];
    }),
};
