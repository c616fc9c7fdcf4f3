/**
 * Writes each program and all that it needs into one file of dist/: 1,800 modules take a second to find and to
 * load, one takes a quarter of it, and every process and every verb of the command line begins with that. The console
 * becomes static files beside them.
 */
import { createHash } from 'node:crypto';
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildConsole } from './build-console.mjs';

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

/** Those that others wait for: they start with the compiled code of an earlier run (start.cjs). */
const startedQuickly = ['processes/main', 'cli/main', 'packages/eventstore/main'];
const fileOf = (program) =>
  join(root, 'dist', `${program}${startedQuickly.includes(program) ? '.program' : ''}.js`);

/** Files that are read at run time, and drivers that knex and pg offer and nobody here uses. */
const external = [
  'swagger-ui-dist',
  'playwright-core',
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
await Promise.all([
  buildConsole(root),
  ...programs.map((program) =>
    build({
      entryPoints: [join(root, `${program}.ts`)],
      outfile: fileOf(program),
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
]);

/** What esbuild leaves as it was, comments and regular expressions, in a way that is right in both. */
const inAscii = (text) =>
  text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

await copyFile(join(root, 'tools/start.cjs'), join(root, 'dist/start.cjs'));
for (const program of startedQuickly) {
  const file = fileOf(program);
  const text = inAscii(await readFile(file, 'utf8'));
  await writeFile(file, text);
  const build = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const start = JSON.stringify(relative(dirname(file), join(root, 'dist/start.cjs')));
  const named = `require('node:path').join(__dirname, '${basename(file)}')`;
  await writeFile(
    join(root, 'dist', `${program}.js`),
    `#!/usr/bin/env node\nrequire(${start})(${named}, '${build}', module);\n`,
  );
}
await chmod(join(root, 'dist/cli/main.js'), 0o755);
