import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type LoopImage = {
  /** Where the file system of the image is mounted. */
  readonly path: string;
  /** The image as a power cut at this moment would leave it, on a mount of its own. */
  readonly afterPowerLoss: () => LoopImage;
  readonly unmount: () => void;
};

const imageMb = 384;

const run = (command: string, args: readonly string[]): void => {
  execFileSync(command, [...args], { stdio: 'pipe' });
};

/** Only what was flushed to the device is in the image file; the rest is in the page cache of the mount. */
const mounted = (folder: string, image: string, generation: number): LoopImage => {
  const path = join(folder, `mount-${generation}`);
  mkdirSync(path);
  run('mount', ['-o', 'loop', image, path]);
  let isMounted = true;
  return {
    path,
    afterPowerLoss: () => {
      const copy = join(folder, `image-${generation + 1}`);
      copyFileSync(image, copy);
      return mounted(folder, copy, generation + 1);
    },
    unmount: () => {
      if (isMounted) run('umount', [path]);
      isMounted = false;
    },
  };
};

/**
 * A disk in a file.
 *
 * @param folder  holds images and mounts
 * @throws Error when this machine cannot mount one
 */
export const mountImage = (folder: string): LoopImage => {
  const image = join(folder, 'image-0');
  run('truncate', ['-s', `${imageMb}M`, image]);
  run('mkfs.ext4', ['-q', '-F', image]);
  return mounted(folder, image, 0);
};

/** Why this machine cannot mount images, if it cannot. */
export const noLoopMounts = (): string | undefined => {
  if (process.platform !== 'linux') return 'loop mounts are a thing of Linux';
  if (process.getuid?.() !== 0) return 'only root may mount';
  const folder = mkdtempSync(join(tmpdir(), 'punctual-test-loop-'));
  try {
    mountImage(folder).unmount();
    return undefined;
  } catch (error) {
    return `mounting an image failed: ${String(error)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
