import type { TSchema, Static } from '@sinclair/typebox';
import { MAX_BATCH } from '../protocol/fields';
import { checker, parseJson } from '../protocol/validate';

export type BatchDeps<Schema extends TSchema, Answer extends object> = {
  readonly schema: Schema;
  /** Field of a batch that holds the requests: an object without it is one request. */
  readonly field: string;
  readonly answer: (request: Static<Schema>) => Promise<Answer>;
  readonly invalid: (detail: string) => Answer;
  /** Who answers: the next request may go to it alone. */
  readonly gateway: string;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Answers one request with one answer, and a batch with all of them, in order, once all are there.
 * What cannot be read is answered too; one bad request does not spoil its batch.
 */
export const batchAnswers = <Schema extends TSchema, Answer extends object>({
  schema,
  field,
  answer,
  invalid,
  gateway,
}: BatchDeps<Schema, Answer>): ((data: Uint8Array) => Promise<string>) => {
  const check = checker(schema);
  const answerOne = async (request: unknown): Promise<Answer> => {
    const checked = check(request);
    return checked.ok ? await answer(checked.value) : invalid(checked.detail);
  };
  const answerAll = async (body: unknown): Promise<object> => {
    if (!isObject(body) || !(field in body)) return { ...(await answerOne(body)) };
    const requests = body[field];
    if (!Array.isArray(requests) || requests.length === 0 || requests.length > MAX_BATCH)
      return { ...invalid(`${field} must be a list of 1 to ${MAX_BATCH}`) };
    return { answers: await Promise.all(requests.map(answerOne)) };
  };
  return async (data) => {
    let body: unknown;
    try {
      body = parseJson(data);
    } catch {
      return JSON.stringify({ ...invalid('the request is no JSON text'), gateway });
    }
    return JSON.stringify({ ...(await answerAll(body)), gateway });
  };
};
