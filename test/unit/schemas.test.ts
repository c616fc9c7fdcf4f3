import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from '@sinclair/typebox';
import { Ajv2020 } from 'ajv/dist/2020';
import { loadedAgain } from '../support/loaded-again';

// programs take their schemas for valid (`validateSchema: false`): to look at them would take each start 0.4 s

/** Every schema that was made, parts of others included. */
const made: TSchema[] = [];
const noting: ProxyHandler<object> = {
  get: (type, name) => {
    const make: unknown = Reflect.get(type, name);
    if (typeof make !== 'function') return make;
    return (...args: unknown[]) => {
      const schema = Reflect.apply(make, type, args) as TSchema; // what a builder of types makes
      made.push(schema);
      return schema;
    };
  },
};

const root = join(__dirname, '..', '..');
const makers = ['api', 'processes'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`)
    .filter((file) => /import \{[^}]*\bType\b/.test(readFileSync(join(root, file), 'utf8'))),
);

const ajv = new Ajv2020();
const again = loadedAgain('@sinclair/typebox', (actual) => ({
  ...actual,
  Type: new Proxy((actual as { readonly Type: object }).Type, noting),
}));
afterAll(again.end);

test.each(makers)('every schema of %s is a schema', (file) => {
  const before = made.length;
  again.load(file);
  expect(made.slice(before).filter((schema) => !ajv.validateSchema(schema))).toEqual([]);
});

test('all of them were looked at', () => {
  expect(made.length).toBeGreaterThan(300);
});
