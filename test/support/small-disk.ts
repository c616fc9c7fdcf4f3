import { execFile } from 'node:child_process';
import { chmod, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, types } from 'node:util';
import { tempFolder } from './temp-folder';

const run = promisify(execFile);

/** A file system of its own, in memory, that a server's files fill. */
export type SmallDisk = {
  readonly path: string;
  /** Leaves not a byte. */
  readonly fill: () => Promise<void>;
  /** Gives back what `fill` took. */
  readonly free: () => Promise<void>;
  readonly dispose: () => Promise<void>;
};

/** Mounting is root's right. */
export const canMount = process.getuid?.() === 0 && process.platform === 'linux';

const isFull = (error: unknown): boolean =>
  types.isNativeError(error) && 'code' in error && error.code === 'ENOSPC';

export const smallDisk = async (name: string, sizeMb: number): Promise<SmallDisk> => {
  const { path, remove } = await tempFolder(`disk-${name}`);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0755`, 'tmpfs', path]);
  await chmod(path, 0o755);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: async () => {
      const file = await open(ballast, 'a');
      try {
        for (const chunk of [Buffer.alloc(1_024 ** 2), Buffer.alloc(4_096)])
          try {
            for (;;) await file.write(chunk);
          } catch (error) {
            if (!isFull(error)) throw error;
          }
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    dispose: async () => {
      await run('umount', ['--lazy', path]); // a server that was killed may hold it for a moment
      await remove();
    },
  };
};
