import { setTimeout as sleep } from 'node:timers/promises';
import { archivistOf, byTurns, startTool, type Turns } from './beside';
import type { Note } from './progress';
import { onRig, type Rig } from './rig';
import type { Figures, Measurement, Row } from './row';
import { ofRuns, rounded } from './statistics';
import { settle } from './warm-up';
import { wholeLives, type Load } from './whole-life';

/** A log that no tool comes to the end of while it is looked at. */
const history: Load = { of: 'history', perSecond: 700, seconds: 50 };
/** Fills both cores of a small machine, yet jobs are on time: here starts show what a tool costs. */
const steady = { of: '300/s', perSecond: 300 };
/** More than two cores can do: what is finished a second is the ceiling. */
const ceiling: Load = { of: 'ceiling', perSecond: 1_500, seconds: 15 };
const TURNS = 24;
const ROUNDS = 3;
/** For a tool that has begun to read. */
const BEGIN_MS = 3_000;

const tools: readonly (readonly string[])[] = [
  ['audit', 'verify', '--overdue-after', '24h'],
  ['replay', '--dry-run'],
];

const nameOf = (verb: readonly string[]): string => verb.slice(0, 2).join(' ');

const mean = (its: readonly Figures[], figure: string): number =>
  rounded(its.reduce((sum, figures) => sum + Number(figures[figure]), 0) / its.length);

/** A turn is short, so the mean of the turns is told and not one of them. */
const startsOf = (program: string, { beside, alone }: Turns): Measurement => {
  const p50Ms = mean(beside, 'startLateP50Ms');
  const aloneP50Ms = mean(alone, 'startLateP50Ms');
  return {
    of: `starts at ${steady.of} beside ${program}`,
    values: {
      startLateP50Ms: p50Ms,
      aloneStartLateP50Ms: aloneP50Ms,
      startLateP99Ms: mean(beside, 'startLateP99Ms'),
      aloneStartLateP99Ms: mean(alone, 'startLateP99Ms'),
      shareOfAlone: rounded(p50Ms / aloneP50Ms),
    },
    target: [{ of: 'shareOfAlone', atMost: 1.1 }],
    range: ofRuns(beside).range,
    runs: beside.length,
  };
};

const seen = ({ values }: Measurement): Figures => {
  const { finishedPerSecond, early, leftBehind } = values;
  return { finishedPerSecond, early, leftBehind } as Figures;
};

const ceilingOf = (
  program: string,
  beside: readonly Figures[],
  alone: readonly Figures[],
): Measurement => {
  const { values, range, runs } = ofRuns(beside);
  const alonePerSecond = Number(ofRuns(alone).values['finishedPerSecond']);
  const shareOfAlone = rounded(Number(values['finishedPerSecond']) / alonePerSecond);
  return {
    of: `${ceiling.of} beside ${program}`,
    values: { ...values, alonePerSecond, shareOfAlone },
    range,
    runs,
    target: [{ of: 'shareOfAlone', atLeast: 0.9 }],
  };
};

const ceilings = async (rig: Rig, note: Note): Promise<readonly Measurement[]> => {
  const alone: Figures[] = [];
  const beside = tools.map((): Figures[] => []);
  for (let round = 1; round <= ROUNDS; round++) {
    note(`${ceiling.of}, round ${round} of ${ROUNDS}`);
    alone.push(seen(await wholeLives(rig, ceiling)));
    for (const [index, verb] of tools.entries()) {
      const tool = await startTool(rig, verb);
      try {
        await sleep(BEGIN_MS);
        beside[index]?.push(seen(await wholeLives(rig, ceiling)));
      } finally {
        await tool.end();
      }
    }
  }
  return tools.map((verb, index) => ceilingOf(nameOf(verb), beside[index] ?? [], alone));
};

/** What dispatching loses while somebody verifies or rebuilds, and while the archivist works: a tenth at most. */
export const besideTools: Row = {
  name: 'beside-tools',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      options.note('making a log');
      await wholeLives(rig, history);
      const starts: Measurement[] = [];
      for (const verb of tools) {
        options.note(`${steady.of}, with and without ${nameOf(verb)} by turns`);
        const turns = await byTurns(rig, steady, TURNS, () => startTool(rig, verb));
        starts.push(startsOf(nameOf(verb), turns));
      }
      options.note(`${steady.of}, with and without the archivist by turns`);
      const archivist = await byTurns(rig, steady, TURNS, () => archivistOf(rig));
      return [
        ...starts,
        startsOf('the archivist', archivist),
        ...(await ceilings(rig, options.note)),
      ];
    }),
};
