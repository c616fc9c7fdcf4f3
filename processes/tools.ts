import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RunTool } from '../api/routes/tools';
import { withDeathSignal } from '../embedded/child';
import { heapFlags } from '../embedded/node-child';
import { giveWay } from './give-way';

export type ToolRunnerDeps = {
  /** The compiled `punctual`. */
  readonly script: string;
  /** Where the servers are, as variables: command lines are for all on the machine to read. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** After this a tool that was told to end is killed. */
const GRACE_MS = 10_000;

/** Runs tools as programs of their own: their work never takes the API's thread. They die with it. */
export const toolRunner =
  ({ script, env }: ToolRunnerDeps): RunTool =>
  async (args, onLine, signal) => {
    const [command, ...commandArgs] = await withDeathSignal({
      command: process.execPath,
      args: [...heapFlags, script, ...args, '--json'],
      deathSignal: 'KILL',
    });
    const child = spawn(command, commandArgs, {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    giveWay(child.pid);
    let killing: NodeJS.Timeout | undefined;
    const end = (): void => {
      child.kill('SIGTERM');
      killing = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const closed = once(child, 'close') as Promise<[number | null]>; // as Node documents it
    closed.catch(() => undefined); // awaited below
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    try {
      for await (const line of createInterface({ input: child.stdout })) await onLine(line);
      const [code] = await closed;
      return code ?? undefined;
    } finally {
      clearTimeout(killing);
      signal.removeEventListener('abort', end);
    }
  };
