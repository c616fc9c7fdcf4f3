import { toTimestamp } from '../../../domain/time';
import type { HttpAnswer, HttpUser } from '../../support/http';
import { linesOf } from '../../support/run-verb';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack, userOf } from './stack';

// many jobs at once, over HTTP and as it is typed, against the running product

const DAY_MS = 86_400_000;
const JOBS = 250;

type Operation = {
  readonly operationId: string;
  readonly status: string;
  readonly items: number | null;
  readonly progress: Readonly<Record<string, number>>;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly position: string;
};

let ada: HttpUser;
let eve: HttpUser;
beforeAll(() => {
  ada = userOf('ada');
  eve = userOf('eve');
});

/** @throws Error for a refusal */
const operationIn = ({ status, body }: HttpAnswer): Operation => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body as unknown as Operation; // an answer that is no refusal is one
};
const untilEnded = (user: HttpUser, operationId: string): Promise<Operation> =>
  until(
    async () => {
      const found = operationIn(await user.get(`/v1/operations/${operationId}`));
      return found.endedAt === null ? undefined : found;
    },
    { what: `operation ${operationId} has ended` },
  );
const scheduleMany = async (user: HttpUser, tag: string, count: number): Promise<string> => {
  const dueAt = toTimestamp(Date.now() + DAY_MS);
  const job = { name: `of ${tag}`, dueAt, location: 'print:', tags: [tag] };
  const { status, body } = await user.post('/v1/jobs/batch', { jobs: Array(count).fill(job) });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.position ?? body.results?.at(-1)?.job?.position ?? '';
};

test('what was just scheduled is tried, cancelled and told of, job by job, and nobody else sees any of it', async () => {
  const position = await scheduleMany(ada, 'newsletter', JOBS);
  await scheduleMany(eve, 'newsletter', 2);
  const asked = { kind: 'cancel', filter: { tag: 'newsletter' } };
  const tried = await ada.post(`/v1/operations?after=${position}`, { ...asked, dryRun: true });
  expect(tried).toMatchObject({ status: 200, body: { count: JOBS } });
  expect((tried.body as { sample?: readonly object[] }).sample).toHaveLength(10);

  const { operationId } = operationIn(
    await ada.post('/v1/operations', { ...asked, reason: 'sent by mistake' }),
  );
  expect(await untilEnded(ada, operationId)).toMatchObject({
    ...{ status: 'completed', items: JOBS },
    progress: { changed: JOBS, unchanged: 0, refused: 0, left: 0, waiting: 0 },
  });
  const jobIds = new Set<string>();
  let query = '?outcome=changed&limit=200';
  for (let pages = 1; query !== ''; pages += 1) {
    const { body } = await ada.get(`/v1/operations/${operationId}/items${query}`);
    for (const { jobId } of body.items ?? []) jobIds.add(jobId);
    query =
      body.nextCursor === undefined ? '' : `?outcome=changed&limit=200&cursor=${body.nextCursor}`;
    expect(pages).toBeLessThanOrEqual(2);
  }
  expect(jobIds.size).toBe(JOBS);
  const [one = ''] = jobIds;
  const history = await ada.get(`/v1/jobs/${one}/events`);
  expect(history.body.events?.at(-1)).toMatchObject({
    ...{ type: 'JobCancelled', actor: { kind: 'user', id: 'ada' } },
    data: { reason: 'sent by mistake' },
  });
  const hers = await eve.get('/v1/jobs?tag=newsletter');
  expect(hers.body.items?.map(({ status }) => status)).toEqual(['scheduled', 'scheduled']);
  expect((await eve.get(`/v1/operations/${operationId}`)).status).toBe(404);
  expect((await eve.get('/v1/operations')).body.items).toEqual([]);
});

test('an operation, its jobs and the list are told as they stood, over HTTP and on the command line, to nobody else', async () => {
  const position = await scheduleMany(ada, 'stood', 3);
  const asked = { kind: 'cancel', filter: { tag: 'stood' } };
  const started = operationIn(await ada.post(`/v1/operations?after=${position}`, asked));
  const { operationId, startedAt } = started;
  const ended = await untilEnded(ada, operationId);
  const path = `/v1/operations/${operationId}`;
  const now = toTimestamp(Date.now());
  const get = async (asked: string, who = ada) => (await who.get(asked)).body as object;
  expect(await get(`${path}?asOf=${startedAt}`)).toMatchObject({
    status: 'selecting',
    items: null,
  });
  expect(await get(`${path}/items?asOf=${startedAt}`)).toEqual({ items: [] });
  // as of now all of it is what the read model says
  expect(await get(`${path}?asOf=${now}`)).toEqual(ended);
  expect(await get(`${path}/items?asOf=${now}`)).toEqual(await get(`${path}/items`));
  const newest = '/v1/operations?limit=1';
  expect(await get(`${newest}&asOf=${startedAt}`)).toMatchObject({
    items: [{ operationId, status: 'selecting' }],
  });
  expect(await get(`${newest}&asOf=${now}`)).toMatchObject({ items: [ended] });
  expect(await get(`${newest}&asOf=${now}`, eve)).toEqual({ items: [] });
  for (const rest of ['', '/items'])
    expect((await eve.get(`${path}${rest}?asOf=${now}`)).status).toBe(404);

  const typed = async (...args: readonly string[]) => {
    const all = ['as-of', ...args, '--json', '--data-dir', stack().dataDir];
    const { code, output, errors } = await runVerb(all);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return linesOf(output);
  };
  expect(await typed('operation', operationId, '--at', startedAt)).toMatchObject([
    { kind: 'cancel', operationId, status: 'selecting' },
  ]);
  const items = await typed('items', operationId, '--at', now, '--limit', '2');
  expect(items).toMatchObject([
    { kind: 'item', item: 0, outcome: 'changed' },
    { kind: 'item', item: 1, outcome: 'changed' },
  ]);
  const only = ['--at', startedAt, '--owner', 'ada', '--status', 'selecting', '--limit', '1'];
  expect(await typed('operations', ...only)).toMatchObject([{ operationId }]);
});

test('as it is typed: jobs are moved by an hour and put back, and all of it is listed', async () => {
  const typed = async (...args: readonly string[]) => {
    const api = ['--url', stack().httpUrl, '--key', stack().keyOf('cyd')];
    const all = ['operations', ...args, ...api, '--json'];
    const { code, output, errors } = await runVerb(all);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${code}: ${errors}`);
    return linesOf(output);
  };
  const me = userOf('cyd');
  const position = await scheduleMany(me, 'typed', 3);
  const listed = await me.get(`/v1/jobs?tag=typed&after=${position}`);
  const before = listed.body.items?.map(({ dueAt }) => dueAt) ?? [];
  const [moving] = await typed('start', 'move', '--tag', 'typed', '--by', 'PT1H');
  const operationId = String(moving?.['operationId']);
  await untilEnded(me, operationId);
  const dueNow = async () =>
    ((await me.get('/v1/jobs?tag=typed')).body.items ?? []).map(({ dueAt }) => Date.parse(dueAt));
  expect(await dueNow()).toEqual(before.map((dueAt) => Date.parse(dueAt) + 3_600_000));
  const [undoing] = await typed('undo', operationId, '--reason', 'too late');
  expect(undoing).toMatchObject({ kind: 'move', undoes: operationId });
  await untilEnded(me, String(undoing?.['operationId']));
  expect(await dueNow()).toEqual(before.map((dueAt) => Date.parse(dueAt)));
  const [shown] = await typed('show', operationId);
  expect(shown).toMatchObject({ status: 'completed', by: 'PT1H', progress: { changed: 3 } });
  const told = await typed('list', '--limit', '2');
  expect(told.map((line) => line['operationId'])).toEqual([undoing?.['operationId'], operationId]);
});
