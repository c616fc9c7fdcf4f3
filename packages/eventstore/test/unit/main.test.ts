import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const main = join(__dirname, '..', '..', 'main.ts');

test('a version to be like that is not known is refused with those that are: a test must not pass on a kinder server', async () => {
  const args = ['--postgres', 'postgres://127.0.0.1:1/none', '--like', '24.10'];
  const ended = promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', main, ...args]);
  await expect(ended).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: '--like 24.10 is no version that is known: 23.10\n',
  });
});
