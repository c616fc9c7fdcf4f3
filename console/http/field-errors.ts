import type { FieldError } from './problem';

const WORDS: Readonly<Record<string, string>> = {
  'bad-location': 'No such location: begin with https:, s3: or print:, without blanks.',
  'forbidden-target': 'Jobs must not reach this address.',
  'bad-queue': 'Letters, digits, hyphens and underscores, 64 at most.',
  'queue-forbidden': 'You may not use this queue.',
  'too-long': 'This is too long.',
  'too-short': 'Something has to be here.',
  'out-of-range': 'This number is out of range.',
  'invalid-unicode': 'It has characters that nobody sees.',
  'due-in-past': 'This time has passed.',
  'due-too-far': 'One year ahead is the most.',
};

/**
 * What the server says of each field.
 *
 * @param below  where in what was sent the fields are
 */
export const errorsBy =
  (errors: readonly FieldError[], below = ''): ((field: string) => string | undefined) =>
  (field) => {
    const found = errors.find(({ pointer }) => pointer?.startsWith(`${below}/${field}`));
    if (!found) return undefined;
    return found.reason ?? WORDS[found.code] ?? found.code;
  };
