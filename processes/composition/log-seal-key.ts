import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LOG_SEAL_KEY_NAME,
  logSealKey,
  newLogSealKey,
  PUBLIC_KEY_SUFFIX,
  type LogSealKey,
} from '../../infra/log-seal-keys';
import { createSecretFile } from './secret-file';

/** Where an embedded system keeps the key that signs its seals. */
export const logSealKeyFile = (dataDir: string): string => join(dataDir, LOG_SEAL_KEY_NAME);

/** The public half lies beside the private one, under a name that a folder of public keys is searched for. */
export const publicKeyFile = (keyFile: string): string =>
  `${keyFile.replace(/\.pem$/, '')}${PUBLIC_KEY_SUFFIX}`;

/** @throws Error that names the file when it is missing or holds no Ed25519 key */
export const readLogSealKey = async (file: string): Promise<LogSealKey> => {
  try {
    return logSealKey(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(
      `LOG_SEAL_KEY_FILE: ${file} cannot be read as a private Ed25519 key. Make one: openssl genpkey -algorithm ed25519 -out ${file}`,
      { cause: error },
    );
  }
};

/** Makes the key if there is none, for its owner alone, and writes the public half beside it. */
export const keepLogSealKey = async (file: string): Promise<void> => {
  try {
    await createSecretFile(file, newLogSealKey());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { publicPem } = await readLogSealKey(file);
  await writeFile(publicKeyFile(file), publicPem);
};

/**
 * The file of the key for a program without a parent: the one of its settings, else that of the stack on its folder.
 *
 * @throws Error that says how to make one
 */
export const findLogSealKeyFile = async (
  given: string | undefined,
  dataDir: string,
): Promise<string> => {
  const file = given ?? logSealKeyFile(dataDir);
  try {
    await access(file);
    return file;
  } catch {
    throw new Error(
      `The archivist signs the log and needs a key: ${file} is not there. Set PUNCTUAL_LOG_SEAL_KEY_FILE; make a key with: openssl genpkey -algorithm ed25519 -out log-seal-key.pem`,
    );
  }
};
