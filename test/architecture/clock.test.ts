import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// the domain and what is built on it alone have no clock, no chance and no environment of their own; the console has the
// server's clock

const root = join(__dirname, '..', '..');
const folders = ['domain', 'commands', 'projections'];

/** What the linter says of such a file. */
const lintOf = (file: string, text: string): string => {
  writeFileSync(join(root, file), text);
  try {
    return spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), file], {
      cwd: root,
      encoding: 'utf8',
    }).stdout;
  } finally {
    rmSync(join(root, file));
  }
};

test.each(folders)(
  'in %s the linter takes neither the clock, nor chance, nor the environment',
  (folder) => {
    const told = lintOf(
      join(folder, 'planted-clock.ts'),
      'export const leaks = [Date.now(), Math.random(), process.env.HOME];\n',
    );
    expect(told).toContain('The domain has no clock');
    expect(told).toContain('Chance is an argument');
    expect(told).toContain('Only processes/main reads the environment');
  },
);

test('in the console the linter does not take the clock of the device, which may be wrong', () => {
  const told = lintOf('console/planted-clock.ts', 'export const leak = Date.now();\n');
  expect(told).toContain('take serverNow of time/clock.ts');
});

test('none of their files makes a date of now, which the linter cannot tell from one of an instant', () => {
  const files = [...folders, 'console'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(100);
  const guilty = files.filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('new Date()'),
  );
  expect(guilty).toEqual([]);
});
