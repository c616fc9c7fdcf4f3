import { spawn } from 'node:child_process';
import { join } from 'node:path';

export type Program = {
  readonly pid: number;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exited: Promise<number | null>;
  readonly signal: (signal: NodeJS.Signals) => void;
};

const main = join(__dirname, '..', '..', 'dist', 'processes', 'main.js');

/** Runs the built program with these settings and no others. */
export const startProgram = (env: Readonly<Record<string, string>>): Program => {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on(
    'data',
    (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-200_000)),
  );
  return {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    exited: new Promise((resolve) => child.once('exit', resolve)),
    signal: (signal) => child.kill(signal),
  };
};
