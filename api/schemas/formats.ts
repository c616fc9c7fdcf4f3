import { isQueueName, isUuid } from '../../domain/ids';
import { parseSpan } from '../../domain/operation/span';
import { parseTimestamp } from '../../domain/time';
import { isLocation } from './location';
import type { ProblemCode } from '../http/problem-catalogue';
import { isVisibleText } from '../../domain/text';

type Check = (text: string) => ProblemCode | undefined;

/** What JSON Schema cannot say, as formats: what is wrong with a text, or undefined. */
export const formats = {
  'date-time': (text) => {
    const parsed = parseTimestamp(text);
    return 'problem' in parsed ? parsed.problem : undefined;
  },
  'visible-text': (text) => (isVisibleText(text) ? undefined : 'invalid-unicode'),
  'queue-name': (text) => (isQueueName(text) ? undefined : 'bad-queue'),
  location: (text) => {
    if (!isVisibleText(text)) return 'invalid-unicode';
    return isLocation(text) ? undefined : 'bad-location';
  },
  uuid: (text) => (isUuid(text.toLowerCase()) ? undefined : 'bad-id'),
  duration: (text) => (parseSpan(text) === undefined ? 'bad-duration' : undefined),
  'idempotency-key': (text) => (isIdempotencyKey(text) ? undefined : 'bad-idempotency-key'),
} as const satisfies Readonly<Record<string, Check>>;

export type FormatName = keyof typeof formats;

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(formats, name);

export const isIdempotencyKey = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text);
