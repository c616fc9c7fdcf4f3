import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { KeyRing } from '../../domain/seal/chain';
import { keyRing, LOG_SEAL_KEY_NAME, PUBLIC_KEY_SUFFIX } from '../../infra/log-seal-keys';
import { valueOf } from '../../processes/settings/variables';
import { UsageError, type Context } from '../verb';

type Given = {
  readonly 'data-dir'?: string | undefined;
  readonly 'public-key'?: readonly string[] | undefined;
};

/** For `parseArgs`: with which keys seals are checked. */
export const keyFlags = { 'public-key': { type: 'string', multiple: true } } as const;

export const keyUsage = `  --public-key FILE   public key, or a folder with *${PUBLIC_KEY_SUFFIX}; may be given several times (default: the folder
                      of PUNCTUAL_LOG_SEAL_KEY_FILE, else the data folder)`;

/** The file of the private key of a stack on this machine. */
export const privateKeyFile = (given: Given, { env }: Pick<Context, 'env'>): string =>
  valueOf(env, 'LOG_SEAL_KEY_FILE') ??
  join(resolve(given['data-dir'] ?? valueOf(env, 'DATA_DIR') ?? '.data'), LOG_SEAL_KEY_NAME);

const filesAt = async (path: string): Promise<readonly string[]> => {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names.filter((name) => name.endsWith(PUBLIC_KEY_SUFFIX)).map((name) => join(path, name));
};

/** @throws UsageError that says how to name a key, when there is none or a file is none */
export const publicKeysFrom = async (
  given: Given,
  context: Pick<Context, 'env'>,
): Promise<KeyRing> => {
  const paths = given['public-key'] ?? [dirname(privateKeyFile(given, context))];
  try {
    const files = (await Promise.all(paths.map(filesAt))).flat();
    const keys = keyRing(await Promise.all(files.map((file) => readFile(file, 'utf8'))));
    if (keys.size > 0) return keys;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`no public key in ${paths.join(', ')}: ${why}`, { cause: error });
  }
  throw new UsageError(`no *${PUBLIC_KEY_SUFFIX} in ${paths.join(', ')}: give --public-key`);
};
