import supertest from 'supertest';
import type { RunTool } from '../../../../../api/routes/tools/run-tool';
import { bearer, keys } from '../../api-under-test';

type Asked = { readonly args: readonly string[]; readonly signal: AbortSignal };

/** Tools that say one line, and end when they are told to or, unless `isEndless`, by themselves. */
export const fakeTools = (isEndless = false) => {
  const asked: Asked[] = [];
  const run: RunTool = async (args, onLine, signal) => {
    asked.push({ args, signal });
    await onLine('{"kind":"progress","events":1}');
    if (!isEndless) return 3;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return undefined;
  };
  return { asked, run };
};

/** Asks for a tool; the answer is text. */
export const post = (
  app: Parameters<typeof supertest>[0],
  path: string,
  body?: object,
  key = 'operator',
) =>
  supertest(app)
    .post(path)
    .set('authorization', bearer(keys[key as keyof typeof keys]))
    .buffer(true)
    .parse((response, done) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => done(null, text));
    })
    .send(body);
