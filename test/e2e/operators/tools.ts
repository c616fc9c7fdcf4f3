import { allJobs } from '../../support/all-jobs';
import { stack, userOf } from './stack';

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

/** Asks for a tool as the operator does and reads its lines to the end. */
const tool = async (name: string, body: object, principal: 'me' | 'operator' = 'operator') => {
  const response = await fetch(`${stack().httpUrl}/v1/tools/${name}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stack().keyOf(principal)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line); // one object a line is what the route promises
  return { status: response.status, lines, last: lines.at(-1) };
};
const ofKind = (lines: readonly Line[], kind: string): readonly Line[] =>
  lines.filter((line) => line.kind === kind);

test('verify proves a running system over HTTP, its seals included, with no false alarm', async () => {
  const jobId = await userOf('me').schedule(Date.now() + 3_600_000);
  await userOf('me').untilStatus(jobId, 'scheduled');
  const { status, lines, last } = await tool('verify', {
    seal: true,
    owners: 1,
    overdueAfter: '90m',
    rate: 'full',
  });
  expect(status).toBe(200);
  expect(ofKind(lines, 'violation')).toEqual([]);
  const { size: jobs } = await allJobs(userOf('operator'));
  expect(ofKind(lines, 'summary')).toMatchObject([{ jobs, violations: 0 }]);
  expect(ofKind(lines, 'seals')).toHaveLength(1);
  expect(last).toEqual({ kind: 'exit', code: 0 });
});

test('replay compares over HTTP and finds nothing; without dryRun the rebuilt tables are the live ones', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now());
  await me.untilStatus(jobId, 'succeeded');
  const dry = await tool('replay', { dryRun: true, fresh: true, to: 'beside', rate: 'full' });
  expect(dry.last).toEqual({ kind: 'exit', code: 0 });
  expect(ofKind(dry.lines, 'replayed')).toMatchObject([{ isSwapped: false }]);
  const { lines, last } = await tool('replay', {});
  expect(ofKind(lines, 'replayed')).toMatchObject([{ isSwapped: true }]);
  expect(last).toEqual({ kind: 'exit', code: 0 });
  expect((await me.get(`/v1/jobs/${jobId}`)).body.status).toBe('succeeded');
}, 300_000);

test('simulate plays a made-up load, the same for the same seed', async () => {
  const load = { synthetic: 'jobs=1000,over=1h,pattern=uniform,durationMs=1000', seed: 7 };
  const first = await tool('simulate', load);
  expect(first.last).toEqual({ kind: 'exit', code: 0 });
  expect(await tool('simulate', load)).toEqual(first);
});

test('what makes no sense is told as a line of its own, with the exit code of the command line', async () => {
  const { lines, last } = await tool('verify', { seal: true, to: '1' });
  expect(ofKind(lines, 'error')).toMatchObject([
    { message: expect.stringContaining('the whole log') as string },
  ]);
  expect(last).toEqual({ kind: 'exit', code: 2 });
});

test('a user may run none of it', async () => {
  expect((await tool('verify', {}, 'me')).status).toBe(403);
});
