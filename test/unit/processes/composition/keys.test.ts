import { writeFile } from 'node:fs/promises';
import { keptKeys, keptSigningSecret, keysFile } from '../../../../processes/composition/keys';
import { tempFolder } from '../../../support/temp-folder';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder('keys');
});
afterEach(() => folder.remove());

test('a program beside a stack seals as the stack does, or its gateway would refuse reports of work that was done', async () => {
  const file = keysFile(folder.path);
  const { keys } = await keptKeys(file);
  expect(await keptSigningSecret(file)).toBe(keys.sealSecret);
});

test('where there is no stack, or its keys are not to be read, there is no secret to share', async () => {
  const file = keysFile(folder.path);
  expect(await keptSigningSecret(file)).toBeUndefined();
  await writeFile(file, 'half a fi');
  expect(await keptSigningSecret(file)).toBeUndefined();
});
