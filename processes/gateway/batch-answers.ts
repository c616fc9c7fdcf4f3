import type { TSchema, Static } from '@sinclair/typebox';
import type { JsonFinding } from '../../domain/json/strict-json';
import { batchWithin } from '../protocol/message-size';
import { checker, findingText, readMessage } from '../protocol/validate';

export type BatchDeps<Schema extends TSchema, Answer extends object> = {
  readonly schema: Schema;
  /** Field of a batch that holds the requests: an object without it is one request. */
  readonly field: string;
  readonly answer: (request: Static<Schema>) => Promise<Answer>;
  readonly invalid: (detail: string) => Answer;
  /** The largest answer that can be given now. */
  readonly maxMessageBytes: () => number;
  /** Who answers: the next request may go to it alone. */
  readonly gateway: string;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first finding of each request by its place in the batch; `whole` is about none of them. */
const byRequest = (
  field: string,
  findings: readonly JsonFinding[],
): { readonly whole?: JsonFinding; readonly ofRequest: ReadonlyMap<number, string> } => {
  const ofRequest = new Map<number, string>();
  for (const finding of findings) {
    const [, name, index] = finding.pointer.split('/', 3);
    if (name !== field || index === undefined) return { whole: finding, ofRequest };
    const at = Number(index);
    if (!ofRequest.has(at)) ofRequest.set(at, findingText(finding, `/${name}/${index}`));
  }
  return { ofRequest };
};

/**
 * Answers one request with one answer, and a batch with all of them, in order, once all are there.
 * What cannot be read is answered too; one bad request does not spoil its batch.
 */
export const batchAnswers = <Schema extends TSchema, Answer extends object>({
  schema,
  field,
  answer,
  invalid,
  maxMessageBytes,
  gateway,
}: BatchDeps<Schema, Answer>): ((data: Uint8Array) => Promise<string>) => {
  const check = checker(schema);
  const answerOne = async (request: unknown, wrong: string | undefined): Promise<Answer> => {
    if (wrong !== undefined) return invalid(wrong);
    const checked = check(request);
    return checked.ok ? await answer(checked.value) : invalid(checked.detail);
  };
  const answerAll = async (body: unknown, findings: readonly JsonFinding[]): Promise<object> => {
    const isBatch = isObject(body) && Object.hasOwn(body, field);
    const [first] = findings;
    if (!isBatch) return await answerOne(body, first && findingText(first));
    const { whole, ofRequest } = byRequest(field, findings);
    if (whole) return invalid(findingText(whole));
    const requests = body[field];
    const most = batchWithin(maxMessageBytes());
    if (!Array.isArray(requests) || requests.length === 0 || requests.length > most)
      return invalid(`${field} must be a list of 1 to ${most}`);
    return {
      answers: await Promise.all(
        requests.map((request, index) => answerOne(request, ofRequest.get(index))),
      ),
    };
  };
  return async (data) => {
    const read = readMessage(data);
    const answered = read.ok
      ? await answerAll(read.value.body, read.value.findings)
      : invalid(read.detail);
    return JSON.stringify({ ...answered, gateway });
  };
};
