import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
};

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.versions.node,
});

/** Load average of the last minute. */
export const loadAverage = (): number => Number((loadavg()[0] ?? 0).toFixed(2));

/** Short hash of the commit, with a `+` when files differ from it; `unknown` outside a clone. */
export const commit = async (): Promise<string> => {
  const git = async (...args: readonly string[]): Promise<string> => {
    const options = { cwd: __dirname };
    const { stdout } = await promisify(execFile)('git', ['--no-optional-locks', ...args], options);
    return stdout.trim();
  };
  try {
    const hash = await git('rev-parse', '--short', 'HEAD');
    return (await git('status', '--porcelain')) === '' ? hash : `${hash}+`;
  } catch {
    return 'unknown';
  }
};
