import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from '@sinclair/typebox';
import { Ajv2020 } from 'ajv/dist/2020';

// programs take their schemas for valid (`validateSchema: false`): to look at them would take each start 0.4 s

/** Every schema that was made, parts of others included. */
const mockMade: TSchema[] = [];
jest.mock('@sinclair/typebox', () => {
  const actual: { readonly Type: object } = jest.requireActual('@sinclair/typebox');
  const noting: ProxyHandler<object> = {
    get: (type, name) => {
      const make: unknown = Reflect.get(type, name);
      if (typeof make !== 'function') return make;
      return (...args: unknown[]) => {
        const schema = Reflect.apply(make, type, args) as TSchema; // what a builder of types makes
        mockMade.push(schema);
        return schema;
      };
    },
  };
  return { ...actual, Type: new Proxy(actual.Type, noting) };
});

const root = join(__dirname, '..', '..');
const makers = ['api', 'processes'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`)
    .filter((file) => /import \{[^}]*\bType\b/.test(readFileSync(join(root, file), 'utf8'))),
);

const ajv = new Ajv2020();

test.each(makers)('every schema of %s is a schema', async (file) => {
  const before = mockMade.length;
  await import(join(root, file));
  const made = mockMade.slice(before);
  expect(made.filter((schema) => !ajv.validateSchema(schema))).toEqual([]);
});

test('all of them were looked at', () => {
  expect(mockMade.length).toBeGreaterThan(300);
});
