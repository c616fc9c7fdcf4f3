import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from '../../support/temp-folder';

const starter = join(__dirname, '../../../tools/start.cjs');

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder('start');
});
afterEach(() => folder.remove());

/** Runs the program as a build of that name. */
const started = async (program: string, build: string, flags: readonly string[] = []) => {
  const file = join(folder.path, 'p.program.js');
  await writeFile(file, program);
  const main = join(folder.path, 'p.js');
  await writeFile(
    main,
    `require(${JSON.stringify(starter)})(${JSON.stringify(file)}, '${build}', module);`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, main]);
  return stdout.trim();
};
const codeFiles = async () => (await readdir(folder.path)).filter((name) => name.endsWith('.code'));

test('the first run leaves its compiled code, whole, and the next one runs from it', async () => {
  const program =
    'console.log(__filename.endsWith("p.program.js"), require("./p.js") !== undefined)';
  expect(await started(program, 'a')).toBe('true true');
  const [code = '', ...others] = await codeFiles();
  expect(others).toEqual([]);
  const left = await readFile(join(folder.path, code));
  expect(await started(program, 'a')).toBe('true true');
  expect(await readFile(join(folder.path, code))).toEqual(left); // nobody had to write it again
});

test('a new build of the same length is not run from the code of the old one', async () => {
  expect(await started('console.log(1)', 'a')).toBe('1');
  expect(await started('console.log(2)', 'b')).toBe('2');
});

test('code that was made with other flags, or that is spoilt, is made again', async () => {
  await started('console.log(1)', 'a');
  await started('console.log(1)', 'a', ['--max-semi-space-size=32']);
  const files = await codeFiles();
  expect(files).toHaveLength(2);
  for (const file of files) await writeFile(join(folder.path, file), 'spoilt');
  expect(await started('console.log(1)', 'a')).toBe('1');
  const sizes = await Promise.all(
    files.map(async (file) => (await readFile(join(folder.path, file))).length),
  );
  expect(sizes.filter((size) => size > 'spoilt'.length)).toHaveLength(1);
});

test('code that is damaged behind its head, as by a power cut, is made again: V8 would die of it, at each start', async () => {
  const program = `const f = () => console.log(${JSON.stringify('x'.repeat(10_000))}.length); f();`;
  await started(program, 'a');
  const [name = ''] = await codeFiles();
  const file = join(folder.path, name);
  const whole = await readFile(file);
  await writeFile(file, Buffer.from(whole).fill(0, whole.length / 2));
  expect(await started(program, 'a')).toBe('10000');
  expect((await readFile(file)).subarray(whole.length / 2).some((byte) => byte !== 0)).toBe(true);
});
