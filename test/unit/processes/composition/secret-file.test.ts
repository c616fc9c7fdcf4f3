import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createSecretFile,
  makeDataDir,
  replaceSecretFile,
} from '../../../../processes/composition/secret-file';
import { tempFolder } from '../../../support/temp-folder';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder('secret-file');
});
afterEach(() => folder.remove());

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('a secret file is for its owner alone, also where one that all could read was in its place', async () => {
  const file = join(folder.path, 'endpoints.json');
  await writeFile(file, 'old');
  await chmod(file, 0o644);
  await replaceSecretFile(file, 'new');
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await modeOf(file)).toBe(0o600);
  expect(await readdir(folder.path)).toEqual(['endpoints.json']);
});

test('keys that are there stay, whoever makes new ones at the same moment: all programs must use the same', async () => {
  const file = join(folder.path, 'keys.json');
  const makers = ['one', 'two', 'three'].map((text) => createSecretFile(file, text));
  const outcomes = await Promise.allSettled(makers);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EEXIST' });
  expect(await modeOf(file)).toBe(0o600);
  expect(await readdir(folder.path)).toEqual(['keys.json']);
});

test('a new data folder cannot be listed by others, and can be walked through by the account of Postgres', async () => {
  const dataDir = join(folder.path, 'data');
  await makeDataDir(dataDir);
  expect(await modeOf(dataDir)).toBe(0o711);
});
