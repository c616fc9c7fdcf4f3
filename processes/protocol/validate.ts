import type { TSchema, Static } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { readJson } from '../../domain/json/read-json';
import { MAX_JSON_LEVELS, type JsonFinding, type JsonShape } from '../../domain/json/strict-json';

/** A test validates the schemas: here that would take each start 0.4 s. */
const ajv = new Ajv2020({ strict: true, allErrors: false, validateSchema: false });

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly detail: string };

type Check<Schema extends TSchema> = (value: unknown) => Checked<Static<Schema>>;

/** A check of one schema, compiled with its first value; unknown properties are allowed, so that newer senders are understood. */
export const checker = <Schema extends TSchema>(schema: Schema): Check<Schema> => {
  let isValid: ValidateFunction<Static<Schema>> | undefined;
  return (value) => {
    isValid ??= ajv.compile<Static<Schema>>(schema);
    return isValid(value)
      ? { ok: true, value }
      : { ok: false, detail: ajv.errorsText(isValid.errors, { dataVar: 'request' }) };
  };
};

/** A full batch of the longest reports, and as much again. */
const MAX_MESSAGE_BYTES = 8 * 1_024 * 1_024;

/** A payload or a result may use up all levels by itself, inside of a batch. */
const shape: JsonShape = { maxLevels: MAX_JSON_LEVELS + 4, freeKeys: 'everywhere' };

const wholeProblems = {
  'invalid-json': 'the request is no JSON text',
  'invalid-utf8': 'the request is no UTF-8 text',
} as const;

/** What a finding says to the sender; `from` is where in the request its own part begins. */
export const findingText = ({ pointer, code }: JsonFinding, from = ''): string =>
  `request${pointer.slice(from.length, from.length + 200)}: ${code}`;

/** A message as JSON. `findings` are about single places: who takes the parts one by one refuses only theirs. */
export const readMessage = (
  data: Uint8Array,
): Checked<{ readonly body: unknown; readonly findings: readonly JsonFinding[] }> => {
  if (data.length > MAX_MESSAGE_BYTES)
    return { ok: false, detail: `the request is longer than ${MAX_MESSAGE_BYTES} bytes` };
  const read = readJson(data, shape);
  if ('value' in read) return { ok: true, value: { body: read.value, findings: read.findings } };
  const { problem } = read;
  const isWhole = problem === 'invalid-json' || problem === 'invalid-utf8';
  return { ok: false, detail: isWhole ? wholeProblems[problem] : `the request: ${problem}` };
};

/** A message that is good as a whole. @throws Error that says what is wrong with it */
export const parseMessage = (data: Uint8Array): unknown => {
  const read = readMessage(data);
  if (!read.ok) throw new Error(read.detail);
  const [finding] = read.value.findings;
  if (finding) throw new Error(findingText(finding));
  return read.value.body;
};

/** A message that is good as a whole or not at all. */
export const reader = <Schema extends TSchema>(
  schema: Schema,
): ((data: Uint8Array) => Checked<Static<Schema>>) => {
  const check = checker(schema);
  return (data) => {
    const read = readMessage(data);
    if (!read.ok) return read;
    const [finding] = read.value.findings;
    return finding ? { ok: false, detail: findingText(finding) } : check(read.value.body);
  };
};
