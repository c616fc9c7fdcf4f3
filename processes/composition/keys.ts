import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiKey } from '../settings/lists';
import { createSecretFile } from './secret-file';

/** The secrets of an embedded system, made on its first start. */
export type Keys = {
  readonly apiKeys: readonly ApiKey[];
  /** That which signs; files of earlier builds have it under this name. */
  readonly sealSecret: string;
  readonly webhookSecret: string;
};

/** Where an embedded system keeps them. */
export const keysFile = (dataDir: string): string => join(dataDir, 'keys.json');

const makeKeys = (): Keys => {
  const key = (): string => `pk_${randomBytes(24).toString('base64url')}`;
  return {
    apiKeys: [
      { key: key(), principalId: 'me', role: 'user' },
      { key: key(), principalId: 'operator', role: 'operator' },
    ],
    sealSecret: randomBytes(32).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  };
};

/** Reads the keys kept in `file`, or makes them and keeps them there for its owner alone. */
export const keptKeys = async (
  file: string,
): Promise<{ readonly keys: Keys; readonly areNew: boolean }> => {
  try {
    const text = await readFile(file, 'utf8');
    return { keys: JSON.parse(text) as Keys, areNew: false }; // written below, by us
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${file} cannot be read. Mend it, or move it away to get new keys.`, {
        cause: error,
      });
  }
  const keys = makeKeys();
  await createSecretFile(file, `${JSON.stringify(keys, undefined, 2)}\n`);
  return { keys, areNew: true };
};

/** Undefined where there is no such stack, or its keys are not ours to read. */
export const readKeys = async (file: string): Promise<Keys | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Keys; // written above, by us
  } catch {
    return undefined;
  }
};

/**
 * The secret that signs what the programs of the stack on `file`'s folder hand out: a report signed by one is refused
 * by another that has its own, and the job would run again.
 */
export const keptSigningSecret = async (file: string): Promise<string | undefined> =>
  (await readKeys(file))?.sealSecret;
