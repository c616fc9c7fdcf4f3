import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { bodyRefusal, type Parsed } from '../http/problem';
import type { ProblemCode } from '../http/problem-catalogue';
import { formats, isFormatName } from './formats';

/** `validateSchema` compiles the schema of schemas first, 0.4 s at each start; a test does it instead. */
const ajv = new Ajv2020({ strict: true, allErrors: true, verbose: true, validateSchema: false });
for (const [name, check] of Object.entries(formats))
  ajv.addFormat(name, (text: string) => check(text) === undefined);

const codeByKeyword: Readonly<Record<string, ProblemCode>> = {
  additionalProperties: 'unknown-property',
  minimum: 'out-of-range',
  maximum: 'out-of-range',
  maxLength: 'too-long',
  maxItems: 'too-long',
  maxProperties: 'too-long',
  minLength: 'too-short',
  minItems: 'too-short',
};

const paramOf = ({ params }: ErrorObject, name: string): string => {
  const value: unknown = Object.entries(params).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : '';
};

const codeOf = (error: ErrorObject): ProblemCode => {
  const value: unknown = error.data;
  const format: unknown = error.parentSchema?.['format'];
  if (error.keyword === 'format' && typeof value === 'string') {
    const name = paramOf(error, 'format');
    return (isFormatName(name) ? formats[name](value) : undefined) ?? 'invalid-body';
  }
  if (error.keyword === 'type' && typeof value === 'number') {
    // 1.5 where a whole number belongs is a number out of range; 1767225600 is a time, but not as we write it
    if (paramOf(error, 'type') === 'integer') return 'out-of-range';
    if (format === 'date-time') return 'bad-timestamp';
  }
  return codeByKeyword[error.keyword] ?? 'invalid-body';
};

const escapePointer = (key: string): string =>
  key.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

const pointerOf = (error: ErrorObject): string => {
  const property =
    error.propertyName ??
    (paramOf(error, 'additionalProperty') || paramOf(error, 'missingProperty'));
  return property === '' ? error.instancePath : `${error.instancePath}/${escapePointer(property)}`;
};

/**
 * Checks a value against a schema; no coercion, no defaults. All errors are told, pointers begin with `at`.
 * Compiled with its first value: a program that serves no HTTP starts without.
 */
export const validator = <Schema extends TSchema>(
  schema: Schema,
): ((value: unknown, at?: string) => Parsed<Static<Schema>>) => {
  let validate: ValidateFunction<Static<Schema>> | undefined;
  return (value, at = '') => {
    validate ??= ajv.compile<Static<Schema>>(schema);
    if (validate(value)) return { value };
    const errors = (validate.errors ?? [])
      .filter(({ keyword }) => keyword !== 'propertyNames') // what is wrong with the name is told by itself
      .map((error) => ({ pointer: at + pointerOf(error), code: codeOf(error) }));
    return { refusal: bodyRefusal(errors) };
  };
};
