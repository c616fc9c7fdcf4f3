import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDeathSignal } from '../embedded/child';
import { heapFlags } from '../embedded/node-child';
import { giveWay } from '../processes/runtime/give-way';
import { endingsOf } from './read-model';
import type { Rig } from './rig';
import type { Figures } from './row';
import { wholeLives, type Load } from './whole-life';

/** A program that runs beside the system, and can be made to stand still. */
export type Beside = {
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** @throws Error when it had ended before: nothing was measured beside it */
  readonly end: () => Promise<void>;
};

/** Starts a verb as the API does. */
export const startTool = async ({ urls }: Rig, verb: readonly string[]): Promise<Beside> => {
  const [command, ...args] = await withDeathSignal({
    command: process.execPath,
    args: [...heapFlags, join(__dirname, '..', 'cli', 'main.js'), ...verb, '--json'],
    deathSignal: 'KILL',
  });
  const child = spawn(command, args, {
    env: {
      PATH: process.env['PATH'],
      EVENTSTORE_URL: urls.eventstoreUrl,
      POSTGRES_URL: urls.postgresUrl,
      NATS_URL: urls.natsUrl,
    },
    detached: true,
    stdio: 'ignore',
  });
  giveWay(child.pid);
  const exited = once(child, 'exit');
  return {
    signal: (signal) => child.kill(signal),
    end: async () => {
      const isThere = child.exitCode === null && child.kill('SIGKILL');
      await exited;
      if (!isThere) throw new Error(`${verb.join(' ')} ended with ${child.exitCode}`);
    },
  };
};

/** The one of the stack. */
export const archivistOf = async ({ stack }: Rig): Promise<Beside> => {
  const { pids } = await stack.endpoints();
  const signal = (name: NodeJS.Signals): void => {
    process.kill(pids['archive'] ?? 0, name);
  };
  return {
    signal,
    end: () => {
      signal('SIGCONT');
      return Promise.resolve();
    },
  };
};

/** Shorter than what makes a server cut the connection of a client that says nothing. */
const TURN_MS = 5_000;
/** Until a change is felt. */
const SETTLE_MS = 1_000;
/** The first jobs run, and a tool that was started with them has begun to read. */
const BEGIN_MS = 8_000;

/** How late jobs started, in each turn. */
export type Turns = { readonly beside: readonly Figures[]; readonly alone: readonly Figures[] };

/**
 * Lets jobs come at a steady pace while a program runs and stands still by turns: the machine is not steady, and
 * two runs of some seconds after each other differ more than what is looked for.
 */
export const byTurns = async (
  rig: Rig,
  { of, perSecond }: Pick<Load, 'of' | 'perSecond'>,
  turns: number,
  start: () => Promise<Beside>,
): Promise<Turns> => {
  const seconds = (BEGIN_MS + 2 * turns * TURN_MS) / 1_000;
  const load = wholeLives(rig, { of, perSecond, seconds });
  load.catch(() => undefined); // awaited below
  const spans: Record<keyof Turns, (readonly [number, number])[]> = { beside: [], alone: [] };
  const program = await start();
  try {
    await sleep(BEGIN_MS);
    for (let turn = 0; turn < turns; turn++)
      for (const how of ['alone', 'beside'] as const) {
        program.signal(how === 'alone' ? 'SIGSTOP' : 'SIGCONT');
        const beganAt = Date.now();
        await sleep(TURN_MS);
        spans[how].push([beganAt + SETTLE_MS, Date.now()]);
      }
  } finally {
    await program.end();
  }
  await load;
  const seen = async (its: readonly (readonly [number, number])[]): Promise<Figures[]> => {
    const figures: Figures[] = [];
    for (const [from, to] of its) {
      const { startLateP50Ms, startLateP99Ms } = await endingsOf(rig.database, from, to);
      figures.push({ startLateP50Ms, startLateP99Ms });
    }
    return figures;
  };
  return { beside: await seen(spans.beside), alone: await seen(spans.alone) };
};
