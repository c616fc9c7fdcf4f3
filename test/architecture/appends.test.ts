import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const folders = ['commands', 'projections', 'processes', 'api', 'infra', 'cli'];

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('memory/'))
    .map((file) => ({
      file: `${folder}/${file}`,
      text: readFileSync(join(root, folder, file), 'utf8'),
    })),
);

/** What is given to each call of a function, up to the end of its statement. */
const callsOf = (name: RegExp): readonly string[] =>
  sources.flatMap(({ file, text }) =>
    [...text.matchAll(name)].map(
      (call) => `${file}: ${text.slice(call.index, text.indexOf(';', call.index))}`,
    ),
  );

// a real server keeps the ids of appends at ANY in memory only: one that is repeated after its restart is stored twice
test('every append of the product says which revision it expects, and none takes any', () => {
  const appends = callsOf(/\.append\(/g);
  const toClient = callsOf(/\.appendToStream\(/g);
  expect(appends.length).toBeGreaterThan(3);
  expect(toClient.length).toBeGreaterThan(1);
  expect(appends.filter((call) => /'any'|\bANY\b/.test(call))).toEqual([]);
  expect(toClient.filter((call) => !call.includes('expectedRevision'))).toEqual([]);
  expect(sources.filter(({ text }) => /import \{[^}]*\bANY\b/.test(text))).toEqual([]);
});
