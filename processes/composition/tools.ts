import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { RunTool } from '../../api/routes/tools/run-tool';
import { withDeathSignal } from '../../embedded/child';
import { heapFlags } from '../../embedded/node-child';
import { giveWay } from '../runtime/give-way';

export type ToolRunnerDeps = {
  /** The compiled `punctual`. */
  readonly script: string;
  /** Where the servers are, as variables: command lines are for all on the machine to read. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** After this a tool that was told to end is killed. */
const GRACE_MS = 10_000;

/** Parted by newlines alone: readline of Node.js 24 ends lines at U+2028 as well, which JSON has in texts as it is. */
async function* linesOf(output: Readable): AsyncGenerator<string> {
  let begun = '';
  for await (const text of output.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  if (begun !== '') yield begun;
}

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
      for await (const line of linesOf(child.stdout)) await onLine(line);
      const [code] = await closed;
      return code ?? undefined;
    } finally {
      clearTimeout(killing);
      signal.removeEventListener('abort', end);
    }
  };
