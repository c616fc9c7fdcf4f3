import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// what a page of the console must not do by itself, for one place does it right for all

const root = join(__dirname, '..', '..');

test('in the console the linter takes no link that forgets the zone of the address', () => {
  const file = 'console/planted-habits.tsx';
  writeFileSync(
    join(root, file),
    `import { Link, NavLink, useNavigate } from 'react-router';
export const leaks = [Link, NavLink, useNavigate];
`,
  );
  try {
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), file],
      { cwd: root, encoding: 'utf8' },
    );
    for (const name of ['Link', 'NavLink', 'useNavigate'])
      expect(stdout).toContain(`'${name}' import from 'react-router' is restricted.`);
  } finally {
    rmSync(join(root, file));
  }
});
