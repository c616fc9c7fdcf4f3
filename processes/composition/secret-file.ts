import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const FOR_ITS_OWNER_ALONE = 0o600;
/** To be walked through, as Postgres under an account of its own must, and not to be listed. */
const WALKED_THROUGH = 0o711;

/** Made unless it is there; one that is keeps its rights. */
export const makeDataDir = async (dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: WALKED_THROUGH });
};

/** Written in full beside `file` and then put in its place by `place`: a reader, or a crash, never sees a half. */
const placed = async (
  file: string,
  text: string,
  place: (written: string) => Promise<void>,
): Promise<void> => {
  await makeDataDir(dirname(file));
  const written = `${file}.${randomUUID()}.new`;
  try {
    await writeFile(written, text, { mode: FOR_ITS_OWNER_ALONE, flag: 'wx' });
    await place(written);
  } finally {
    await rm(written, { force: true });
  }
};

/** Writes `file` for its owner alone, whatever the rights of the one that it replaces. */
export const replaceSecretFile = (file: string, text: string): Promise<void> =>
  placed(file, text, (written) => rename(written, file));

/**
 * Writes `file` for its owner alone.
 *
 * @throws Error with the code EEXIST when it is there; it stays as it is
 */
export const createSecretFile = (file: string, text: string): Promise<void> =>
  placed(file, text, (written) => link(written, file));
