/** The architecture as one table: which folder may import what. Anything not listed is refused. */
const only = (name, from, allowed, { core = false } = {}) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    pathNot: [
      `^${from}/`,
      ...allowed.map((a) => (a.startsWith('npm:') ? `node_modules/${a.slice(4)}/` : `^${a}`)),
    ],
    ...(core && { dependencyTypesNot: ['core'] }), // what Node itself brings
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('domain-imports-nothing-else', 'domain', []),
    only('commands-import-domain', 'commands', ['domain/']),
    only('projections-import-domain', 'projections', ['domain/', 'npm:rxjs', 'npm:knex']),
    only('api-is-thin', 'api', ['domain/', 'commands/', 'projections/queries/', 'npm:.*'], {
      core: true,
    }),
    only('infra-implements-ports', 'infra', ['domain/', 'projections/', 'npm:.*'], { core: true }),
    only('embedded-stands-alone', 'embedded', ['npm:.*'], { core: true }),
    only('packages-stand-alone', 'packages', [
      'npm:(@eventstore/db-client|pg|@types/.*)',
      '(crypto|http|http2|net|stream|timers|timers/promises|tls|util|vm|zlib)$',
    ]),
    only('cli-composes', 'cli', [
      'domain/',
      'commands/',
      'projections/',
      'processes/(composition/(endpoints|keys)|runtime/timers|settings/variables).ts',
      'embedded/(database|keep-running|postgres).ts',
      'packages/eventstore/',
      'infra/',
      'npm:(cli-progress|@types/cli-progress|rxjs)',
      '(crypto|fs|os|path|stream|events|timers|tty|util|zlib)',
    ]),
    only('console-speaks-http', 'console', ['api/schemas/', 'domain/', 'npm:.*']),
    {
      name: 'console-takes-types-alone',
      comment: 'what the product is made of does not belong in a browser',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(api|domain)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-the-console',
      severity: 'error',
      from: { pathNot: '^(console|test)/' },
      to: { path: '^console/' },
    },
    {
      name: 'drivers-only-in-infra',
      comment: 'one importer per driver: a swap or an upgrade touches one folder',
      severity: 'error',
      from: { path: '^(domain|commands|projections|processes|api|cli)/' },
      to: { path: 'node_modules/(@eventstore/db-client|pg|nats|pg-copy-streams)/' },
    },
    {
      name: 'packages-have-one-door',
      severity: 'error',
      from: { pathNot: '^packages/' },
      to: { path: '^packages/', pathNot: '^packages/[^/]+/index.ts$' },
    },
    {
      name: 'nothing-imports-embedded-but-composition',
      severity: 'error',
      from: { pathNot: '^(embedded/|processes/|cli/|test/|bench/|demo/)' },
      to: { path: '^embedded/' },
    },
    {
      name: 'products-never-import-test-bench-demo',
      severity: 'error',
      from: { pathNot: '^(test|bench|demo)/' },
      to: { path: '^(test|bench|demo)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '^packages/[^/]+/test/' },
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
  },
};
