import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const folders = [
  'domain',
  'commands',
  'projections',
  'processes',
  'api',
  'infra',
  'embedded',
  'packages',
  'cli',
  'console',
];

const cruise = (): { readonly modules: number; readonly violations: readonly string[] } => {
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 },
  );
  const { summary } = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { rule: { name: string }; from: string }[] };
  };
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`),
  };
};

describe('the arrows between folders', () => {
  const planted = [
    [
      'domain/planted-leak.ts',
      "import { hostname } from 'node:os';\nexport const leak = hostname;\n",
    ],
    ['commands/planted-leak.ts', "import { Pool } from 'pg';\nexport const leak = Pool;\n"],
    [
      'api/planted-leak.ts',
      "import { findNats } from '../embedded/nats-binary';\nexport const leak = findNats;\n",
    ],
    ['processes/planted-leak.ts', "import { Pool } from 'pg';\nexport const leak = Pool;\n"],
    [
      'cli/planted-leak.ts', // it may use the package, but has to come by the door
      "import { memoryTail } from '../packages/eventstore/core/tail';\nexport const leak = memoryTail;\n",
    ],
    [
      'console/planted-leak.ts', // a type would do, the schema itself brings its library into the browser
      "import { jobSchema } from '../api/schemas/job-answers';\nexport const leak = jobSchema;\n",
    ],
    [
      'packages/eventstore/planted-leak.ts',
      "import { toTimestamp } from '../../domain/time';\nexport const leak = toTimestamp;\n",
    ],
  ] as const;

  // one look at all of it, planted files among the others: each takes 5 s of a core
  let found: ReturnType<typeof cruise>;
  beforeAll(() => {
    for (const [file, source] of planted) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      writeFileSync(join(root, file), source);
    }
    found = cruise();
  });

  afterAll(() => {
    for (const [file] of planted) rmSync(join(root, file), { force: true });
  });

  test('point one way, and the tool that says so has really looked', () => {
    const isPlanted = (violation: string): boolean =>
      planted.some(([file]) => violation.endsWith(file));
    expect(found.violations.filter((violation) => !isPlanted(violation))).toEqual([]);
    // with the wrong compiler it once reported success over no modules at all
    expect(found.modules).toBeGreaterThan(100);
  });

  test.each(planted)('bite: what is planted as %s is caught', (file) => {
    expect(found.violations.filter((violation) => violation.endsWith(file))).not.toEqual([]);
  });
});
