import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** What the owner of a server is told when it has ended. */
export type ExitInfo = Exit & {
  /** True when `stop` was called before: nobody needs to be alarmed. */
  readonly asked: boolean;
  readonly lastLines: readonly string[];
};

export type Child = {
  readonly pid: number;
  /** Resolves once, when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** The newest lines of stdout and stderr, oldest first. */
  readonly lastLines: () => readonly string[];
  /** Sends `signal`, waits `graceMs`, then sends SIGKILL. Resolves when the process is gone. */
  readonly stop: (signal: NodeJS.Signals, graceMs: number) => Promise<Exit>;
};

export type ChildOptions = {
  readonly command: string;
  readonly args: readonly string[];
  /** What the child gets when this process dies without a word (kill -9). Linux only. */
  readonly deathSignal: 'INT' | 'KILL' | 'TERM';
  /** More `setpriv` options, such as another account. */
  readonly privileges?: readonly string[];
  readonly onExit?: (info: ExitInfo) => void;
};

const keptLines = 40;

/** After the exit a grandchild may hold the pipes open; what was written by then is enough. */
const outputGraceMs = 100;

/** Servers inherit nothing: a stray PGOPTIONS or TZ of the user must not change how they behave. */
export const serverEnv: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * Starts a server that dies with this process.
 *
 * It gets a session of its own, so that Ctrl-C in a terminal reaches only this process, which then
 * stops its servers in the right order.
 *
 * @throws Error when the program cannot be started at all
 */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const [command, ...args] = await withDeathSignal(options);
  const child = spawn(command, args, {
    cwd: '/', // the caller's folder may be out of reach for the account that the child runs as
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnv,
  });
  const lines: string[] = [];
  keepLastLines(child.stdout, lines);
  keepLastLines(child.stderr, lines);
  const exited = exitOf(child);
  const pid = await spawned(child);

  let asked = false;
  const stop = async (signal: NodeJS.Signals, graceMs: number): Promise<Exit> => {
    asked = true;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    return await exited.finally(() => {
      clearTimeout(timer);
    });
  };
  const lastLines = () => [...lines];
  void exited.then((exit) => options.onExit?.({ ...exit, asked, lastLines: lastLines() }));
  return { pid, exited, lastLines, stop };
};

/**
 * Runs a program to its end, with the environment of this process unless told otherwise.
 * Never rejects: a program that is missing is code 127, as in a shell.
 */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<{ readonly code: number; readonly output: string }> => {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => {
      resolve(127);
    });
    child.once('close', (closedWith) => {
      resolve(closedWith ?? 1);
    });
  });
  return { code, output: Buffer.concat(chunks).toString('utf8').trim() };
};

/** The command line that runs a program with these `setpriv` options; with none it is the program's own. */
export const withPrivileges = (
  privileges: readonly string[],
  command: string,
  args: readonly string[],
): readonly [string, ...(readonly string[])] =>
  privileges.length === 0 ? [command, ...args] : ['setpriv', ...privileges, '--', command, ...args];

/** Whether a process with this id exists, whoever owns it. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // process.kill throws system errors only
  }
};

/** A command line whose process gets `deathSignal` when this process dies, where the system can do that. */
export const withDeathSignal = async (
  options: Pick<ChildOptions, 'command' | 'args' | 'deathSignal' | 'privileges'>,
): Promise<readonly [string, ...(readonly string[])]> => {
  const death = ['--pdeathsig', options.deathSignal];
  const taken = (await setprivAccepts(death)) ? death : [];
  return withPrivileges([...(options.privileges ?? []), ...taken], options.command, options.args);
};

/** What `setpriv` has taken once, it takes again: to ask costs a process. */
const accepted = new Set<string>();

/** macOS has no `setpriv`, and BusyBox has one that knows no death signal. */
const setprivAccepts = async (options: readonly string[]): Promise<boolean> => {
  const asked = options.join(' ');
  if (process.platform !== 'linux') return false;
  if (accepted.has(asked)) return true;
  const { code } = await runToEnd('setpriv', [...options, '--', 'true'], { env: serverEnv });
  if (code === 0) accepted.add(asked);
  return code === 0;
};

const spawned = async (child: ChildProcess): Promise<number> =>
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.once('spawn', () => {
      resolve(child.pid ?? 0);
    });
  });

const exitOf = async (child: ChildProcess): Promise<Exit> =>
  await new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const finish = () => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      };
      const timer = setTimeout(finish, outputGraceMs);
      child.once('close', finish);
    });
  });

const keepLastLines = (stream: Readable, lines: string[]): void => {
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
  });
};
