import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import type { Json } from '../../../../domain/job/definition';
import {
  jobDueHead,
  jobDueText,
  JobDue,
  messageIdOf,
} from '../../../../processes/protocol/job-due';
import { protocolReference } from '../../../../processes/protocol/reference';
import { checker, reader } from '../../../../processes/protocol/validate';

const page = join(__dirname, '../../../../docs/executor-protocol.md');
const MARK =
  '<!-- Written from the schemas: UPDATE_DOCS=1 npx jest test/unit/processes/protocol -->';

test('the page for writers of executors holds the schemas that validate', () => {
  const text = readFileSync(page, 'utf8');
  const [prose = ''] = text.split(MARK);
  const current = `${prose}${MARK}\n\n${protocolReference()}\n`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, current);
  expect(readFileSync(page, 'utf8')).toBe(current);
});

const facts = {
  jobId: '01a2089c-4fc9-7dca-9883-87bd509e2e6c',
  attempt: 2,
  revision: 41n,
  dueAt: Date.UTC(2026, 10, 23, 12),
  ownerId: 'ada "the first"',
  name: 'line\nbreak',
  location: 'print:',
  timeoutMs: 60_000,
};
const jobDue = reader(JobDue);

test.each`
  payload                           | why
  ${undefined}                      | ${'none'}
  ${null}                           | ${'a null is a payload too'}
  ${{ revision: 'of the payload' }} | ${'fields that look like ours'}
  ${'}{"]\u2028'}                   | ${'text that looks like JSON'}
`(
  'a message put together from two parts is the message: $why',
  ({ payload }: { payload: Json | undefined }) => {
    const given = payload === undefined ? facts : { ...facts, payload };
    const text = jobDueText(jobDueHead(given), 41n, 'a.b-c_d');
    const read = jobDue(Buffer.from(text));
    expect(read).toEqual({
      ok: true,
      value: {
        specversion: '1.0',
        id: `${facts.jobId}/2/41`,
        type: 'punctual.job.due.v1',
        source: 'punctual',
        subject: facts.jobId,
        time: '2026-11-23T12:00:00.000Z',
        datacontenttype: 'application/json',
        data: {
          jobId: facts.jobId,
          attempt: 2,
          ownerId: facts.ownerId,
          name: facts.name,
          location: 'print:',
          timeoutMs: 60_000,
          ...(payload !== undefined && { payload }),
          revision: 41,
          ticket: 'a.b-c_d',
        },
      },
    });
  },
);

test('each dispatch has an id of its own, also of an attempt that was moved or redriven, so the broker keeps them apart', () => {
  expect(messageIdOf(facts)).toBe(`${facts.jobId}/2/41`);
});

test('a check says what is wrong, and lets pass what a newer sender adds', () => {
  const check = checker(Type.Object({ attempt: Type.Integer() }));
  expect(check({ attempt: 'x' })).toEqual({ ok: false, detail: 'request/attempt must be integer' });
  expect(check({ attempt: 1, colour: 'red' })).toMatchObject({ ok: true });
});

test('bytes that are no UTF-8 are no JSON', () => {
  expect(reader(Type.String())(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ ok: false });
});
