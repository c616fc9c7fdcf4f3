import type { Json } from './definition';

/** Why what a job gave back was left out of its result, which then is `{…, omitted: reason}`. */
const sentences = {
  'result-too-long': 'it is too long to be kept',
  'too-deep': 'it is nested too deeply',
  'duplicate-key': 'it has a key twice',
  'out-of-range': 'it has a number that cannot be kept as it is',
  'invalid-unicode': 'it has characters that cannot be kept',
} as const;

export type Omission = keyof typeof sentences;

export const isOmission = (reason: unknown): reason is Omission =>
  typeof reason === 'string' && Object.hasOwn(sentences, reason);

/** What a result says of what was left out of it, for people; undefined when it is whole. */
export const omissionText = (result: Json | undefined): string | undefined => {
  if (typeof result !== 'object' || result === null || !('omitted' in result)) return undefined;
  const { omitted } = result;
  return isOmission(omitted) ? sentences[omitted] : undefined;
};
