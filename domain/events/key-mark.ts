/**
 * Marks an idempotency key as used by a change of a job, in the stream that a job scheduled with that key would have:
 * so one key is one request, whatever it asks for. No event of a job; who reads jobs passes it over.
 */
export const KEY_MARK = 'IdempotencyKeyUsed';

export const isKeyMark = (type: string): boolean => type === KEY_MARK;
