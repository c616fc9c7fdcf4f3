import type { TSchema, Static } from '@sinclair/typebox';
import { Ajv2020 } from 'ajv/dist/2020';

const ajv = new Ajv2020({ strict: true, allErrors: false });

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string };

/** A compiled check of one schema; unknown properties are allowed, so that newer senders are understood. */
export const checker = <Schema extends TSchema>(
  schema: Schema,
): ((value: unknown) => Checked<Static<Schema>>) => {
  const isValid = ajv.compile<Static<Schema>>(schema);
  return (value) =>
    isValid(value)
      ? { ok: true, value }
      : { ok: false, detail: ajv.errorsText(isValid.errors, { dataVar: 'request' }) };
};

const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws Error for bytes that are no UTF-8 or no JSON */
export const parseJson = (data: Uint8Array): unknown => JSON.parse(decoder.decode(data));
