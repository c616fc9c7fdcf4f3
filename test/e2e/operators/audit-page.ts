import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../../support/temp-folder';
import { stack } from './stack';

const root = join(__dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'audit.md'), 'utf8');

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
  folder = await tempFolder('audit-page');
});
afterAll(() => folder.remove());

/** What the page tells an auditor to paste, block after block, into one shell. */
const script = (): string =>
  [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map(([, block = ''], index) => `echo '== block ${index + 1}'\n${block}`)
    .join('\n')
    .replaceAll('/tmp/', `${folder.path}/`);

const run = (text: string): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    execFile(
      'bash',
      ['--norc', '-e', '-c', `exec 2>&1\n${text}`],
      { cwd: root, env: { PATH: process.env['PATH'], PUNCTUAL_DATA_DIR: stack().dataDir } },
      (error, output) => {
        resolve({ code: Number(error?.code ?? 0), output });
      },
    );
  });

test('every command of docs/audit.md works when pasted, in order, and proves what the page says', async () => {
  const { code, output } = await run(script());
  expect({ code, output }).toEqual({ code: 0, output });
  const types = ['JobScheduled', 'JobDispatched', 'JobStarted', 'JobSucceeded'];
  for (const [revision, type] of types.entries())
    expect(output).toMatch(new RegExp(`^${revision} \\S+Z ${type} `, 'm'));
  expect(output).toContain('the same');
  expect(output).toContain('0 violations');
  expect(output).toContain('Signature Verified Successfully');
});
