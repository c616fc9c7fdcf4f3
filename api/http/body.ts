import type { IncomingMessage } from 'node:http';
import { readJson } from '../../domain/json/read-json';
import { refusalOf, refuse, type FieldError, type Refusal } from './problem';
import type { BodyRule } from './route';

export type Body = { readonly value: unknown; readonly findings: readonly FieldError[] };

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

const typeProblem = (request: IncomingMessage): Refusal | undefined => {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    return { code: 'unsupported-encoding' };
  const type = request.headers['content-type'];
  const isJson = type === 'application/json' || (type !== undefined && JSON_TYPE.test(type));
  return isJson ? undefined : { code: 'unsupported-media-type' };
};

/** Whether the request says itself that its body is larger than `maxBytes`. */
export const declaresTooMuch = (request: IncomingMessage, maxBytes: number): boolean =>
  Number(request.headers['content-length'] ?? 0) > maxBytes;

/** What a body that may be left out is then. */
const NOTHING: { readonly value: Body } = { value: { value: {}, findings: [] } };

/** Whether the request says that nothing follows. A chunked body tells only at its end. */
const saysNothing = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

/** The bytes, at most `maxBytes`; `gone` when the caller hung up half-way. */
const bytesOf = (
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too-large' | 'gone'> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | 'too-large' | 'gone'): void => {
      request.off('data', take).off('end', end).off('close', gone).off('error', gone);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle('too-large');
      else chunks.push(chunk);
    };
    const end = (): void => {
      const [first] = chunks;
      settle(first && chunks.length === 1 ? first : Buffer.concat(chunks, size));
    };
    const gone = (): void => settle('gone');
    request.on('data', take).on('end', end).on('close', gone).on('error', gone);
  });

/** The body as strict JSON. `gone`: nobody waits for an answer any more. */
export const readBody = async (
  request: IncomingMessage,
  { maxBytes, shape, isOptional, isByItem }: BodyRule,
): Promise<{ readonly value: Body } | { readonly refusal: Refusal } | 'gone'> => {
  if (isOptional && saysNothing(request)) return NOTHING;
  const wrongType = typeProblem(request);
  if (wrongType && !isOptional) return { refusal: wrongType };
  const bytes = await bytesOf(request, maxBytes);
  if (bytes === 'gone') return 'gone';
  if (isOptional && bytes.length === 0) return NOTHING;
  if (wrongType) return { refusal: wrongType };
  if (bytes === 'too-large') return refuse('body-too-large');
  const parsed = readJson(bytes, shape);
  if ('problem' in parsed) return refuse(parsed.problem);
  const refusal = isByItem ? undefined : refusalOf(parsed.findings);
  return refusal ? { refusal } : { value: parsed };
};
