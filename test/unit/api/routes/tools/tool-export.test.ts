import supertest from 'supertest';
import type { RunTool } from '../../../../../api/routes/tools/run-tool';
import { apiUnderTest, bearer, keys } from '../../api-under-test';
import { fakeTools, post } from './fake-tools';

const JOB = '0199d3a0-0000-7000-8000-000000000001';

test.each([
  ['nothing at all', undefined],
  ['half a window', { from: '1' }],
  ['a window and a job', { from: '1', to: '2', job: JOB }],
  ['what is no id', { job: 'x' }],
  ['a file of the server', { job: JOB, out: '/tmp/x' }],
])('an export of %s is refused with what to give, and nothing runs', async (_of, body) => {
  const { asked, run } = fakeTools();
  const sent = supertest(apiUnderTest({ runTool: run }).app).post('/v1/tools/export');
  const answer = await sent.set('authorization', bearer(keys.operator)).send(body ?? {});
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    type: '/problems/invalid-body',
    detail: expect.stringMatching(/`from` and `to`.* or `job`/) as string,
  });
  expect(asked).toEqual([]);
});

describe('an export', () => {
  const ERROR = '{"kind":"error","message":"why"}';
  const exported = async (lines: readonly string[], code: number | undefined) => {
    const runTool: RunTool = async (_args, onLine) => {
      for (const line of lines) await onLine(line);
      return code;
    };
    const answer = await post(apiUnderTest({ runTool }).app, '/v1/tools/export', { job: JOB });
    return { status: answer.status, text: String(answer.body) };
  };

  test('that succeeds is the file and nothing else, so that it is what its checker wants', async () => {
    const file = ['{"kind":"export"}', '{"kind":"event","data":"ü\u2028"}', '{"kind":"end"}'];
    expect(await exported(file, 0)).toEqual({ status: 200, text: `${file.join('\n')}\n` });
  });

  test.each([
    [3, '{"kind":"exit","code":3}'],
    [undefined, '{"kind":"exit","code":null}'],
  ])('that ends under way with %p says why in place of the end', async (code, exit) => {
    expect(await exported(['{"kind":"export"}', ERROR], code)).toEqual({
      status: 200,
      text: `{"kind":"export"}\n${ERROR}\n${exit}\n`,
    });
  });

  test.each([
    [4, 409, 'not-sealed-yet'],
    [5, 404, 'job-not-found'],
  ])(
    'that has nothing to show, exit code %p, is refused with %p %s',
    async (code, status, type) => {
      const answer = await exported([ERROR], code);
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ type: `/problems/${type}` });
    },
  );

  test('that fails for another reason before its first line says which', async () => {
    expect(await exported([ERROR], 1)).toEqual({
      status: 200,
      text: `${ERROR}\n{"kind":"exit","code":1}\n`,
    });
  });

  test('that begins to be shown is refused no more, for its status has gone out', async () => {
    const { text } = await exported(['{"kind":"export"}', ERROR], 4);
    expect(text).toBe(`{"kind":"export"}\n${ERROR}\n{"kind":"exit","code":4}\n`);
  });
});
