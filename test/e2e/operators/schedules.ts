import { linesOf } from '../../support/run-verb';
import { runBuiltVerb, runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

// what recurs, as it is typed on the machine of the stack: neither URL nor key are given

type Line = Readonly<Record<string, unknown>>;

/** @throws Error with what it said, unless it ended with 0 */
const typed = async (...args: readonly string[]): Promise<readonly Line[]> => {
  const all = ['schedules', ...args, '--data-dir', stack().dataDir, '--json'];
  const { code, output, errors } = await runVerb(all);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code}: ${errors}`);
  return output === '' ? [] : linesOf(output);
};

test('a schedule is tried, made, shown, listed, paused, resumed, run now and run for the past', async () => {
  const rule = ['--cron', '30 2 * * *', '--zone', 'Europe/Berlin'];
  const [tried] = await typed('preview', ...rule, '--from', '2027-03-27T12:00:00Z', '--count', '1');
  expect(tried?.['occurrences']).toMatchObject([{ localTime: '2027-03-28T03:30:00+02:00' }]);

  const name = 'typed by hand';
  const [made] = await typed(
    'create',
    '--name',
    name,
    ...rule,
    '--location',
    'print:',
    '--tag',
    'x',
  );
  const id = String(made?.['scheduleId']);
  expect(made).toMatchObject({ name, status: 'active', job: { location: 'print:', tags: ['x'] } });

  // the program that people run, once: a start of it takes 0.7 s of a core
  const shown = await runBuiltVerb(['schedules', 'show', id, '--data-dir', stack().dataDir]);
  expect(shown).toMatchObject({ code: 0, errors: '' });
  expect(shown.output).toContain(`${name}  ${id}\n  cron 30 2 * * * in Europe/Berlin\n  active\n`);
  expect(shown.output).toMatch(/T0[23]:30:00\+0[12]:00 {2}\S+Z\n/);

  const [paused] = await typed('pause', id, '--note', 'the books are open');
  expect(paused).toMatchObject({ status: 'paused', note: 'the books are open', next: [] });
  const after = `after=${String(paused?.['position'])}`;
  expect((await userOf('me').get(`/v1/schedules?status=paused&${after}`)).status).toBe(200);
  const listed = await typed('list', '--status', 'paused', '--q', 'by hand');
  expect(listed).toMatchObject([{ scheduleId: id, nextDueAt: null }]);
  expect((await typed('resume', id))[0]).toMatchObject({ status: 'active' });

  const [triggered] = await typed('trigger', id, '--note', 'now');
  const window = ['--from', '2026-11-01T00:00:00Z', '--to', '2026-11-02T23:00:00Z'];
  const [backfilled] = await typed('backfill', id, ...window);
  const jobIdsOf = (line: Line | undefined) => line?.['jobIds'] as readonly string[];
  expect([jobIdsOf(triggered).length, jobIdsOf(backfilled).length]).toEqual([1, 2]);
  for (const jobId of [...jobIdsOf(triggered), ...jobIdsOf(backfilled)])
    await userOf('me').untilStatus(jobId, 'succeeded');

  const looked = await typed('tzdata', '--apply');
  expect(looked).toMatchObject([{ kind: 'total', moved: 0, refused: 0 }]);
  await userOf('me').remove(`/v1/schedules/${id}`);
});

test('what the API refuses is told in its words, and ends with 3', async () => {
  const args = ['--name', 'n', '--location', 'print:', '--cron', '0 22-2 * * *'];
  const all = ['schedules', 'create', ...args, '--data-dir', stack().dataDir];
  const { code, errors } = await runVerb(all);
  expect(errors).toContain('/timing/cron  hour: "22-2" runs backwards; write 22-23,0-2');
  expect(code).toBe(3);
});
