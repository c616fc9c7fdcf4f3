import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// the domain and what is built on it alone have no clock, no chance and no environment of their own

const root = join(__dirname, '..', '..');
const folders = ['domain', 'commands', 'projections'];

const lint = (file: string): string =>
  spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), file], {
    cwd: root,
    encoding: 'utf8',
  }).stdout;

test.each(folders)(
  'in %s the linter takes neither the clock, nor chance, nor the environment',
  (folder) => {
    const file = join(folder, 'planted-clock.ts');
    writeFileSync(
      join(root, file),
      'export const leaks = [Date.now(), Math.random(), process.env.HOME];\n',
    );
    try {
      const told = lint(file);
      expect(told).toContain('The domain has no clock');
      expect(told).toContain('Chance is an argument');
      expect(told).toContain('Only processes/main reads the environment');
    } finally {
      rmSync(join(root, file));
    }
  },
);

test('none of their files makes a date of now, which the linter cannot tell from one of an instant', () => {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(100);
  const guilty = files.filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('new Date()'),
  );
  expect(guilty).toEqual([]);
});
