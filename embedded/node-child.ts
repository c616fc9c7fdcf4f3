import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { withDeathSignal, type Exit } from './child';

export type NodeChildOptions = {
  /** Compiled JavaScript to run. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long it may take to say that it is ready. */
  readonly readyWithinMs: number;
};

export type NodeChild = {
  readonly pid: number;
  /** What the child said when it was ready: its first line on stdout, as JSON. */
  readonly ready: unknown;
  /** Resolves once, when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>;
};

/**
 * Room for young objects, in MiB; Node's 16 makes a loaded program collect twice as often, and costs a tenth
 * more CPU (docs/bench.md). 64 is no better.
 */
const youngMb = 32;

/**
 * On few cores V8's collector threads take the cores from the other programs: one thread a program costs a
 * twentieth less CPU, and the late p99 under full load falls from 170 to 115 ms (docs/bench.md).
 */
const collectorFlags = availableParallelism() <= 4 ? ['--single-threaded-gc'] : [];

/** Flags of Node for our programs that move much. */
export const heapFlags: readonly string[] = [`--max-semi-space-size=${youngMb}`, ...collectorFlags];

/**
 * Starts one of our own programs and resolves when it has printed its first line, which is JSON and
 * says where it listens. Later lines and stderr pass through. It dies with this process, and a
 * Ctrl-C in the terminal reaches only this process, which stops its children in order.
 *
 * @throws Error when the child ends or stays silent before it is ready
 */
export const startNodeChild = async (options: NodeChildOptions): Promise<NodeChild> => {
  const { script, args = [], env, readyWithinMs } = options;
  const [command, ...commandArgs] = await withDeathSignal({
    command: process.execPath,
    // no --enable-source-maps: the first error would stop the program for the second that reading its map takes
    args: [...heapFlags, script, ...args],
    deathSignal: 'KILL',
  });
  const child = spawn(command, commandArgs, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', () => {
      resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const stop = async (graceMs: number): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
  };
  const firstLine = new Promise<string>((resolve) => {
    let isFirst = true;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (isFirst) resolve(line);
      else process.stdout.write(`${line}\n`);
      isFirst = false;
    });
  });
  const ready = await readyOr(firstLine, exited, readyWithinMs, script).catch(
    async (error: unknown) => {
      await stop(1_000);
      throw error;
    },
  );
  return { pid: child.pid ?? 0, ready, exited, stop };
};

const readyOr = async (
  firstLine: Promise<string>,
  exited: Promise<Exit>,
  readyWithinMs: number,
  script: string,
): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${script} was not ready within ${readyWithinMs} ms`));
    }, readyWithinMs);
  });
  const ended = exited.then(({ code, signal }): never => {
    throw new Error(`${script} ended before it was ready (${signal ?? `exit code ${code}`})`);
  });
  try {
    return JSON.parse(await Promise.race([firstLine, late, ended])) as unknown;
  } finally {
    clearTimeout(timer);
    ended.catch(() => undefined); // an end after the start is told by `exited`
  }
};
