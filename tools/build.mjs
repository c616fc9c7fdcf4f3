/**
 * Writes each program and all that it needs into one file of dist/: 1,800 modules take a second to find and to
 * load, one takes a quarter of it, and every process and every verb of the command line begins with that.
 */
import { chmod, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const programs = [
  'processes/main',
  'cli/main',
  'packages/eventstore/main',
  'embedded/install-nats',
  'demo/main',
  'bench/main',
  'bench/profiler',
];

/** Files that are read at run time, and drivers that knex and pg offer and nobody here uses. */
const external = [
  'swagger-ui-dist',
  'pg-native',
  'pg-query-stream',
  'better-sqlite3',
  'sqlite3',
  'mysql',
  'mysql2',
  'mariadb',
  'oracledb',
  'tedious',
];

/** In one file all modules have one folder; ours find their neighbours by the folder that they were written in. */
const ownFolders = (program) => ({
  name: 'own-folders',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (path.includes('node_modules') || !/\b__(dirname|filename)\b/.test(text)) return undefined;
      const way = relative(dirname(join(root, program)), dirname(path)) || '.';
      const contents = text
        .replaceAll('createRequire(__filename)(', 'require(')
        .replaceAll('__dirname', `require('node:path').join(__dirname, ${JSON.stringify(way)})`);
      return { contents, loader: 'ts' };
    });
  },
});

await rm(join(root, 'dist'), { recursive: true, force: true });
await Promise.all(
  programs.map((program) =>
    build({
      entryPoints: [join(root, `${program}.ts`)],
      outfile: join(root, 'dist', `${program}.js`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      keepNames: true, // errors are told by the names of their classes
      sourcemap: true,
      sourcesContent: false,
      legalComments: 'none',
      external,
      plugins: [ownFolders(program)],
      logLevel: 'warning',
      logOverride: { 'require-resolve-not-external': 'silent' },
    }),
  ),
);
await chmod(join(root, 'dist/cli/main.js'), 0o755);
