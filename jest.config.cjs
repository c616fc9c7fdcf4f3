const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** One Jest project a folder of test/: the folder tells what a test costs. */
const swc = [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];
const esmOnly = ['jose'].join('|'); // Jest on Node 20 cannot require() these: swc turns them into CommonJS

/** Tests of a package lie in the package. */
const rootsOf = (name) =>
  ['test', 'packages/eventstore/test']
    .map((folder) => `${folder}/${name}`)
    .filter((root) => existsSync(join(__dirname, root)))
    .map((root) => `<rootDir>/${root}`);

const project = (name, extra = {}) => ({
  displayName: name,
  rootDir: __dirname,
  roots: rootsOf(name),
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '^.+\\.ts$': swc, [`/node_modules/(${esmOnly})/.+\\.m?js$`]: swc },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  ...extra,
});

/** Real servers, started once a run; each test file gets databases and subjects of its own. */
const onServers = {
  globalSetup: '<rootDir>/test/support/start-servers.ts',
  globalTeardown: '<rootDir>/test/support/stop-servers.ts',
};

module.exports = {
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB', // a worker keeps what its suites leave behind: at 4 GB it collects garbage for minutes, then dies
  testSequencer: '<rootDir>/test/support/slowest-first.cjs',
  testTimeout: 60_000,
  projects: [
    project('unit'),
    project('architecture'),
    project('contract', onServers),
    project('conformance', onServers),
    project('integration', onServers),
    project('e2e'),
    project('chaos'),
  ],
};
