import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerReady } from '../../processes/composition/supervisor';
import { until } from './until';

export type Program = {
  readonly pid: number;
  readonly output: () => string;
  readonly errors: () => string;
  /** When it has ended and all that it said is here. */
  readonly exited: Promise<number | null>;
  readonly signal: (signal: NodeJS.Signals) => void;
};

const main = join(__dirname, '..', '..', 'dist', 'processes', 'main.js');

/** Runs the built program with these settings and no others. */
export const startProgram = (
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Program => {
  const child = spawn(process.execPath, [main, ...args], {
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
    exited: new Promise((resolve) => child.once('close', resolve)),
    signal: (signal) => child.kill(signal),
  };
};

export type ReadyProgram = Program & {
  /** Of one that runs the API. */
  readonly httpUrl: string;
  /** SIGTERM, then the end. */
  readonly stop: () => Promise<number | null>;
};

/** Runs processes beside a stack, which they find by its folder. @throws with its last words when it ends before it is ready */
export const startProgramBeside = async (
  { dataDir }: { readonly dataDir: string },
  env: Readonly<Record<string, string>>,
): Promise<ReadyProgram> => {
  const program = startProgram({
    ...{ DATA_DIR: dataDir, HTTP_PORT: '0', LOG_LEVEL: 'warn' },
    ...env,
  });
  let hasEnded = false;
  void program.exited.then(() => (hasEnded = true));
  await until(() => hasEnded || program.output().includes('\n'), {
    what: 'the program says that it is ready',
  });
  if (hasEnded) throw new Error(`the program ended at once: ${program.errors()}`);
  const { httpUrl = '' } = JSON.parse(program.output().split('\n')[0] ?? '') as WorkerReady; // its first line
  return {
    ...program,
    httpUrl,
    stop: async () => {
      program.signal('SIGTERM');
      return await program.exited;
    },
  };
};
