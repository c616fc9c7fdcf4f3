const { existsSync } = require('node:fs');
const { join } = require('node:path');
const tempInMemory = require('./test/jest/temp-in-memory.cjs');

tempInMemory();

/** One Jest project a folder of test/: the folder tells what a test costs. */
const swc = [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

/** Tests of a package lie in the package. */
const rootsOf = (name) =>
  ['test', 'packages/eventstore/test']
    .map((folder) => `${folder}/${name}`)
    .filter((root) => existsSync(join(__dirname, root)))
    .map((root) => `<rootDir>/${root}`);

/** They hold our own code against the classes that the client generated, which the product patches where it is loaded. */
const withClassesAsGenerated = {
  unit: [
    'packages/eventstore/test/unit/wire/batch-append.test.ts',
    'packages/eventstore/test/unit/wire/read-response.test.ts',
    'test/unit/infra/eventstore/lean/append-request.test.ts',
  ],
  conformance: ['packages/eventstore/test/conformance/filtered-reads.test.ts'],
};

/** With modules of each file's own, as Jest has it. */
const ofItsOwn = (name, extra = {}) => ({
  displayName: name,
  rootDir: __dirname,
  roots: rootsOf(name),
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '^.+\\.ts$': swc },
  ...extra,
});

/** With modules that are loaded once a worker. */
const project = (name, extra) => ({
  ...ofItsOwn(name, extra),
  testEnvironment: '<rootDir>/test/jest/environment.cjs',
  runtime: join(__dirname, 'test/jest/runtime.cjs'),
  testPathIgnorePatterns: (withClassesAsGenerated[name] ?? []).map((file) => `/${file}$`),
});

const apart = (name, extra) => ({
  ...ofItsOwn(name, extra),
  testMatch: withClassesAsGenerated[name].map((file) => `<rootDir>/${file}`),
});

/** Real servers, started once a run; each test file gets databases and subjects of its own. */
const onServers = {
  globalSetup: '<rootDir>/test/support/start-servers.ts',
  globalTeardown: '<rootDir>/test/support/stop-servers.ts',
};

/** An event store that is given in place of ours. */
const isGiven = Boolean(process.env.TEST_EVENTSTORE_URL);

/**
 * Suites wait for nearly half of their time, so that three keep two cores busy. On a server that they share, a burst
 * of one would drop the live subscribers of another.
 */
const workers = isGiven ? 1 : 3;

module.exports = {
  maxWorkers: workers,
  verbose: isGiven, // names what is skipped there, and why
  reporters: ['default', ...(isGiven ? ['<rootDir>/test/support/skipped-suites.cjs'] : [])],
  workerIdleMemoryLimit: '1GB', // a worker keeps what its suites leave behind: at 4 GB it collects garbage for minutes, then dies
  testSequencer: '<rootDir>/test/support/slowest-first.cjs',
  testTimeout: 240_000, // hooks too; it matters only when something hangs: a machine may be five times slower
  projects: [
    project('unit'),
    apart('unit'),
    project('architecture'),
    project('contract', onServers),
    project('conformance', onServers),
    apart('conformance', onServers),
    project('integration', onServers),
    project('e2e'),
    project('chaos'),
  ],
};
