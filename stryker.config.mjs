import jest from './jest.config.cjs';

/** Mutation testing, `make mutants`: docs/mutants.md says how to read it. */

/** What is mutated when nothing is asked for, each held by the tests that lie in the same place below test/unit. */
const PARTS = ['domain', 'commands', 'processes/dispatching', 'projections'];

/** SQL, and the order in which statements are sent: a mutant of it lives until a real Postgres refuses it. */
const WITH_POSTGRES = [
  'projections/**/migrations/*.ts',
  'projections/queries/!(freshness).ts',
  'projections/queries/!(past)/*.ts',
  'projections/queries/past/!(turns).ts',
  'projections/replay/**/*.ts',
  'projections/snapshots/*.ts',
  'projections/jobs/{bulk,job-rows,lateness}.ts',
  'projections/{operations,schedules,webhooks}/*-rows.ts',
  'projections/search/{search-index,terms}.ts',
  'projections/writing/{apply-plan,checkpoint,partitions,project-batch,projection-writer,transaction,write-session}.ts',
  'projections/writing/parking/*.ts',
  'projections/audit/{read-model-check,read-model-origin}.ts',
];

/** Pure, and held by verify on a whole log only: test/integration/projections/audit. */
const ON_A_WHOLE_LOG = [
  'projections/audit/{compare-rows,gone-streams,hiding,message-check,same-log,schedule-rows-check,stream-check,verify,weighed}.ts',
];

const asked = (process.env.MUTANTS ?? '').split(/\s+/).filter(Boolean);
const parts = asked.length > 0 ? asked : PARTS;
const roots = PARTS.filter((one) => parts.some((part) => part.startsWith(one))).map(
  (part) => `test/unit/${part}`,
);
const unit = jest.projects.find(({ displayName }) => displayName === 'unit');
process.env.PROPERTY_RUNS ??= '200';

export default {
  testRunner: process.env.RUNNER ?? 'in-process',
  plugins: ['@stryker-mutator/jest-runner', './tools/mutants/runner.mjs'],
  mutate: [
    ...parts.map((part) => (part.endsWith('.ts') ? part : `${part}/**/*.ts`)),
    ...[...WITH_POSTGRES, ...ON_A_WHOLE_LOG].map((files) => `!${files}`),
  ],
  mutator: { excludedMutations: ['StringLiteral'] }, // messages, SQL, names: the conditions on them are mutated
  coverageAnalysis: 'perTest',
  ignoreStatic: true, // what runs once, as its module is loaded, would take all tests for each mutant
  inProcess: { transform: unit.transform['^.+\\.ts$'][1], roots },
  jest: {
    config: { ...unit, rootDir: '.', roots: roots.map((root) => `<rootDir>/${root}`) },
  },
  ignorePatterns: ['/dist', '/.data', '/bench/results', '/coverage'],
  tempDirName: '.cache/mutants/tmp',
  incremental: true,
  incrementalFile: '.cache/mutants/incremental.json',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.cache/mutants/report.html' },
  jsonReporter: { fileName: '.cache/mutants/report.json' },
  thresholds: { high: 95, low: 85, break: 85 },
  timeoutMS: 30_000, // endless loops are counted out; a process that is killed has to load all tests again
  concurrency: Number(process.env.CONCURRENCY ?? 2),
  disableTypeChecks: false,
  allowConsoleColors: false,
  warnings: { unknownOptions: false },
};
