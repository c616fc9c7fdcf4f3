import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '../../cli/program';
import { runHere, type Ended } from './run-verb';
import { until } from './until';

const main = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

export type RunningVerb = {
  readonly pid: number;
  readonly output: () => string;
  readonly errors: () => string;
  /** Exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  readonly signal: (signal: NodeJS.Signals) => void;
};

/** Runs the built `punctual` with these arguments and no other environment than `env`. */
export const startVerb = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningVerb => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    exited: new Promise((resolve) => child.once('close', resolve)),
    signal: (signal) => child.kill(signal),
  };
};

/** Runs the built `punctual` to its end. */
export const runBuiltVerb = async (
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> => {
  const { exited, output, errors } = startVerb(args);
  return { code: await exited, output: output(), errors: errors() };
};

/** Runs a verb to its end, in this process: a process of its own takes 0.7 s of a core. */
export const runVerb = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => runHere((context) => run(args, context), env);

export type AloneEventStore = RunningVerb & {
  readonly url: string;
  readonly listening: string;
  /** From the start of the program to its first line. */
  readonly readyMs: number;
};

/** `punctual eventstore`, ready. @throws with its last words when it ends before that */
export const startAloneEventStore = async (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<AloneEventStore> => {
  const startMs = performance.now();
  const verb = startVerb(['eventstore', ...args], env);
  let hasEnded = false;
  void verb.exited.then(() => (hasEnded = true));
  await until(() => hasEnded || verb.output().includes('\n'));
  const readyMs = performance.now() - startMs;
  if (!verb.output().includes('\n')) throw new Error(`it did not start: ${verb.errors()}`);
  const { listening } = JSON.parse(verb.output()) as { readonly listening: string }; // one line, the only one
  return { ...verb, listening, url: `esdb://${listening}?tls=false`, readyMs };
};
