import type { HttpAnswer, HttpUser } from '../../support/http';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

// what recurs, from the preview to the deletion, over HTTP against the running product

type Run = { readonly occurrenceAt: string; readonly dueAt: string; readonly jobId?: string };
type Schedule = {
  readonly scheduleId: string;
  readonly status: string;
  readonly next: readonly Run[];
  readonly jobIds?: readonly string[];
  readonly position: string;
};
type Occurrence = Run & { readonly status: string; readonly reason?: string };

let ada: HttpUser;
beforeAll(() => {
  ada = userOf('ada');
});

/** @throws Error for a refusal */
const scheduleIn = ({ status, body }: HttpAnswer): Schedule => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body as unknown as Schedule; // an answer that is no refusal is one
};

const job = { location: 'print:' };
/** Comes each hour, and not before half of one: no test takes as long. */
const hourly = `${(new Date().getUTCMinutes() + 30) % 60} * * * *`;

const create = async (cron: string): Promise<Schedule> => {
  const body = { name: `at ${cron}`, timing: { cron }, timeZone: 'Europe/Berlin', job };
  return scheduleIn(await ada.post('/v1/schedules', body));
};
const read = async (path: string): Promise<Schedule> => scheduleIn(await ada.get(path));
const occurrencesOf = async (path: string, query = ''): Promise<readonly Occurrence[]> =>
  (await ada.get(`${path}/occurrences${query}`)).body.items as unknown as readonly Occurrence[];

test('a schedule of each second runs, its occurrences say so, and its jobs say which they are of', async () => {
  const { scheduleId } = await create('* * * * * *');
  const path = `/v1/schedules/${scheduleId}`;
  const done = await until(
    async () => {
      const ended = (await occurrencesOf(path)).filter(({ status }) => status === 'done');
      return ended.length >= 3 ? ended : undefined;
    },
    { what: 'three have run' },
  );
  const [first] = done;
  expect((await ada.get(`/v1/jobs/${first?.jobId}`)).body).toMatchObject({
    ...{ scheduleId, occurrenceAt: first?.occurrenceAt, status: 'succeeded' },
  });
  const { items = [] } = (await ada.get(`/v1/jobs?scheduleId=${scheduleId}&limit=200`)).body;
  expect(items.map(({ jobId }) => jobId)).toEqual(expect.arrayContaining(done.map((d) => d.jobId)));
  const bob = await userOf('bob').get(path);
  expect(bob.status).toBe(404);
  const { status, next } = scheduleIn(await ada.post(`${path}/pause`, { note: 'enough' }));
  expect({ status, next }).toEqual({ status: 'paused', next: [] });
});

test('one occurrence is cancelled and one moved, a run is triggered, and what is left is taken back with the schedule', async () => {
  const made = await create(hourly);
  const { scheduleId } = made;
  const path = `/v1/schedules/${scheduleId}`;
  const planned = await until(
    async () => {
      const found = await read(path);
      return found.next[0]?.jobId === undefined ? undefined : found;
    },
    { what: 'its next occurrence has a job' },
  );
  const [first, second, third, fourth] = planned.next;
  const of = (run: Run | undefined, verb: string) =>
    `${path}/occurrences/${run?.occurrenceAt}/${verb}`;
  const cancelled = scheduleIn(await ada.post(of(second, 'cancel'), { note: 'a holiday' }));
  const dueAt = new Date(Date.parse(third?.dueAt ?? '') + 60_000).toISOString();
  const moved = scheduleIn(await ada.post(of(third, 'move'), { dueAt }));
  expect(moved.next.map((run) => run.dueAt).slice(0, 3)).toEqual([
    first?.dueAt,
    dueAt,
    fourth?.dueAt,
  ]);
  // the read model says the same as the answer to the command did
  expect((await read(`${path}?after=${moved.position}`)).next).toEqual(moved.next);
  const ahead = await occurrencesOf(path, `?to=${fourth?.occurrenceAt}&after=${moved.position}`);
  expect(ahead.map(({ status, reason }) => reason ?? status)).toEqual([
    'planned',
    'cancelled',
    'planned',
    'planned',
  ]);

  // as they stood when it was planned: nothing cancelled, nothing moved, and nobody else's to see
  const untouched = `?to=${fourth?.occurrenceAt}&asOf=${BigInt(cancelled.position) - 1n}`;
  const stood = await occurrencesOf(path, untouched);
  expect(stood.map(({ status, dueAt: due }) => [status, due])).toEqual(
    [first, second, third, fourth].map((run) => ['planned', run?.dueAt]),
  );
  const foreign = await userOf('bob').get(`${path}/occurrences${untouched}`);
  expect(foreign.status).toBe(404);

  const { jobIds = [] } = scheduleIn(await ada.post(`${path}/trigger`));
  await ada.untilStatus(jobIds[0] ?? '', 'succeeded');
  const { position } = scheduleIn(await ada.remove(path));
  await ada.untilStatus(first?.jobId ?? '', 'cancelled');
  await ada.untilStatus(moved.next[1]?.jobId ?? '', 'cancelled');
  expect((await read(path)).status).toBe('deleted');
  const { body } = await ada.get(`/v1/schedules?limit=200&after=${position}`);
  const listed = body.items as unknown as readonly Schedule[];
  expect(listed.map((one) => one.scheduleId)).not.toContain(scheduleId);

  // the list of the past has it still, and by the moment before its making not yet
  const then = await ada.get(
    `/v1/schedules?q=${encodeURIComponent(`AT ${hourly.slice(0, -6)}`)}&limit=200&asOf=${moved.position}`,
  );
  expect(then.body.items).toContainEqual(
    expect.objectContaining({ scheduleId, status: 'active', nextDueAt: first?.dueAt }),
  );
  const before = await ada.get(`/v1/schedules?limit=200&asOf=${BigInt(made.position) - 1n}`);
  expect(JSON.stringify(before.body.items)).not.toContain(scheduleId);
  expect((await userOf('bob').get(`/v1/schedules?asOf=${moved.position}`)).body.items).toEqual([]);
  const { output } = await runVerb([
    ...['as-of', 'schedules', '--at', moved.position, '--owner', 'ada', '--json'],
    ...['--data-dir', stack().dataDir],
  ]);
  expect(output).toContain(`"scheduleId":"${scheduleId}","status":"active"`);
});

test('an equal definition writes nothing, and a preview is by the zone data that the limits name', async () => {
  const { scheduleId } = await create('0 5 * * *');
  const path = `/v1/schedules/${scheduleId}`;
  await until(async () => (await read(path)).next[0]?.jobId !== undefined);
  const before = (await ada.get(path)).headers.get('etag');
  const same = { name: 'at 0 5 * * *', timing: { cron: '0 5 * * *' }, timeZone: 'Europe/Berlin' };
  const answer = await ada.put(path, { ...same, job });
  expect([answer.status, answer.headers.get('etag')]).toEqual([200, before]);
  const { name: _name, ...rule } = same;
  const preview = await ada.post('/v1/schedules/preview', rule);
  const limits = await ada.get('/v1/limits');
  const tzdataOf = ({ body }: HttpAnswer) => (body as { readonly tzdata?: string }).tzdata;
  expect(tzdataOf(preview)).toBe(tzdataOf(limits));
  expect(tzdataOf(limits)).toMatch(/^20\d\d[a-z]$/);
});
