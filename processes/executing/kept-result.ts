import { MAX_JSON_LEVELS, parseStrictJson } from '../../domain/json/strict-json';
import type { Json } from '../../domain/job/definition';
import { isOmission, type Omission } from '../../domain/job/omission';
import { MAX_RESULT_BYTES } from '../protocol/report';

const omit = (omitted: Omission, more: { readonly sizeBytes?: number } = {}): Json => ({
  omitted,
  ...more,
});

/** Undefined for a value that no JSON can be made of: it is so deep that nobody gets to its end. */
const textOf = (result: Json): string | undefined => {
  try {
    return JSON.stringify(result);
  } catch {
    return undefined;
  }
};

/** What a handler gave back as it may be reported; what the gateway would refuse is left out: the work is done all the same. */
export const keptResult = (result: Json | undefined): Json | undefined => {
  if (result === undefined) return undefined;
  const text = textOf(result);
  if (text === undefined) return omit('too-deep');
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_RESULT_BYTES) return omit('result-too-long', { sizeBytes });
  const read = parseStrictJson(text, { maxLevels: MAX_JSON_LEVELS, freeKeys: 'everywhere' });
  const flaw = 'problem' in read ? read.problem : read.findings[0]?.code;
  return flaw === undefined ? result : omit(isOmission(flaw) ? flaw : 'too-deep');
};
