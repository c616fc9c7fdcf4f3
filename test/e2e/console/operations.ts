import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { watchShifts } from './seeing';
import { pageOf, stack, userOf } from './stack';

// many jobs at once in the browser: dead letters, changes of a list, and how they go

const HOUR_MS = 3_600_000;

type Cause = { readonly errorCode: string; readonly jobs: number };
const causesOf = async (principal: 'me' | 'operator'): Promise<readonly Cause[]> => {
  const { body } = await userOf(principal).get('/v1/dead-letters');
  return (body as { readonly causes?: readonly Cause[] }).causes ?? [];
};
const asked = (causes: readonly Cause[]): number =>
  causes.find(({ errorCode }) => errorCode === 'asked-to-fail')?.jobs ?? 0;

/** Jobs that fail for good. */
const failMany = async (principal: 'me' | 'operator', names: readonly string[]): Promise<void> => {
  const user = userOf(principal);
  const doomed = { payload: { failTimes: 1 }, retry: { maxAttempts: 1 } };
  const ids = await Promise.all(
    names.map((name) => user.schedule(Date.now(), { name, ...doomed })),
  );
  await user.untilAll(ids, 'failed');
};

const scheduleMany = (count: number, tag: string, at: number): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      userOf('me').schedule(at + n * 1_000, { name: `${tag} ${n}`, tags: [tag] }),
    ),
  );

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Change many jobs' });
const focused = async (page: Page): Promise<string> =>
  String(await page.evaluate('document.activeElement.textContent'));
const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const statusesOf = async (jobIds: readonly string[]): Promise<readonly (string | undefined)[]> =>
  await Promise.all(
    jobIds.map(async (jobId) => (await userOf('me').get(`/v1/jobs/${jobId}`)).body.status),
  );

test('dead letters are told by cause, and run again by keys alone: first how many and which, then how it goes and what became of each', async () => {
  await failMany('me', ['Doomed one', 'Doomed two']);
  const many = asked(await causesOf('me'));
  expect(many).toBeGreaterThanOrEqual(2);
  const page = await pageOf('me');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('row').filter({ hasText: 'asked-to-fail' }).waitFor();
  const causes = await page.locator('tbody tr').allTextContents();
  const place = causes.findIndex((text) => text.includes('asked-to-fail'));
  for (let n = 0; n <= place; n++) await page.keyboard.press('j');
  await page.keyboard.press('.');
  await dialogOf(page).getByText(`${many} jobs would be run again.`).waitFor();
  expect(asked(await causesOf('me'))).toBe(many); // nothing has been changed yet
  const confirm = dialogOf(page).getByRole('button', { name: `Run ${many} jobs again` });
  await dialogOf(page).getByLabel('Why').fill('the partner is back');
  await page.keyboard.press('Enter');
  expect(await confirm.count()).toBeLessThanOrEqual(1);

  await page.waitForURL(/\/operations\/[0-9a-f-]{36}$/);
  await page.getByText(`Done: ${many} changed.`).waitFor();
  const item = page.getByRole('listitem').filter({ hasText: 'Doomed one' });
  await item.getByText('changed').waitFor();
  await page.getByText('the partner is back').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
  await page.context().close();
});

test('nobody sees the dead letters of another, an operator sees all, and each opens its last job beside it, and its jobs', async () => {
  await failMany('operator', ['Doomed of the operator']);
  await failMany('me', ['Doomed of mine']);
  const mine = asked(await causesOf('me'));
  const all = asked(await causesOf('operator'));
  expect(all).toBeGreaterThan(mine);
  const [page, operators] = [
    await pageOf('me', '/dead-letters'),
    await pageOf('operator', '/dead-letters'),
  ];
  const cells = (by: Page) => rowOf(by, 'asked-to-fail').getByRole('cell');
  await until(async () => (await cells(page).nth(1).textContent()) === String(mine));
  await until(async () => (await cells(operators).nth(1).textContent()) === String(all));
  const last = rowOf(page, 'asked-to-fail').getByRole('link', { name: 'Doomed of mine' });
  await last.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Job', exact: true });
  await drawer.getByRole('heading', { name: 'Doomed of mine' }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/jobs\/[0-9a-f-]{36}$/);
  await page.keyboard.press('.'); // its keys go before those of the page
  expect(await focused(page)).toBe('Run it again');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  expect(new URL(page.url()).pathname).toBe('/dead-letters');
  await until(async () => (await focused(page)) === 'Doomed of mine', {
    what: 'the focus is back',
  });

  await page.getByRole('link', { name: 'asked-to-fail' }).click();
  await page.waitForURL(/errorCode=asked-to-fail/);
  await rowOf(page, 'Doomed of mine').waitFor();
  expect(await rowOf(page, 'Doomed of the operator').count()).toBe(0);
  await Promise.all([page, operators].map((one) => one.context().close()));
});

test('jobs that are selected by keys are moved, and moved back', async () => {
  const at = Math.floor(Date.now() / HOUR_MS + 30) * HOUR_MS;
  const jobIds = await scheduleMany(4, 'moved', at);
  const dueAts = async (): Promise<readonly number[]> =>
    await Promise.all(
      jobIds.map(async (jobId) =>
        Date.parse((await userOf('me').get(`/v1/jobs/${jobId}`)).body.dueAt ?? ''),
      ),
    );
  const page = await pageOf('me', '/jobs?tag=moved');
  await until(async () => (await rowOf(page, 'moved').count()) === 4);
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('X'); // the latest due comes first: 3, 2 and 1
  await page.getByRole('region', { name: 'Selected jobs' }).getByText('3 selected').waitFor();
  await page.keyboard.press('.');
  await dialogOf(page).getByText('3 jobs would be cancelled.').waitFor();
  await dialogOf(page).getByText('Move', { exact: true }).click();
  await dialogOf(page).getByLabel('Move them by').fill('2');
  await dialogOf(page).getByText('days').click();
  await dialogOf(page).getByRole('button', { name: 'Move 3 jobs' }).click();
  await page.getByText('Done: 3 changed.').waitFor();
  expect(await dueAts()).toEqual(
    [0, 1, 2, 3].map((n) => at + n * 1_000 + (n > 0 ? 48 * HOUR_MS : 0)),
  );

  await page.getByRole('button', { name: 'Move 3 jobs back' }).click();
  await page.getByRole('heading', { name: 'Move jobs back to where they were' }).waitFor();
  await page.getByText('Done: 3 changed.').waitFor();
  expect(await dueAts()).toEqual([0, 1, 2, 3].map((n) => at + n * 1_000));
  await page.context().close();
});

test('what cannot be changed any more is told before, and by name and reason afterwards', async () => {
  const at = Date.now() + HOUR_MS;
  const [kept = '', ended = '', before = ''] = await scheduleMany(3, 'ended', at);
  await userOf('me').post(`/v1/jobs/${before}/run-now`);
  await userOf('me').untilStatus(before, 'succeeded');
  const page = await pageOf('me', '/jobs?tag=ended');
  await until(async () => (await rowOf(page, 'ended').count()) === 3);
  for (const n of [0, 1, 2]) await page.getByLabel(`Select ended ${n}`).check();
  await page.keyboard.press('.'); // a box that has the focus does not keep the keys to itself
  await dialogOf(page).getByText('2 of 3 jobs would be cancelled: 1 has succeeded.').waitFor();
  await userOf('me').post(`/v1/jobs/${ended}/run-now`);
  await userOf('me').untilStatus(ended, 'succeeded');
  await dialogOf(page).getByRole('button', { name: 'Cancel 2 jobs' }).click();
  await page.getByText('Done: 1 changed · 2 refused.').waitFor();
  const refused = page.getByRole('button', { name: /^Refused/ });
  await refused.click();
  const items = page.getByRole('listitem').filter({ hasText: 'ended' });
  await items.filter({ hasText: 'ended 1' }).getByText('refused: it has ended').waitFor();
  await until(async () => (await items.count()) === 2);
  expect(await statusesOf([kept, ended])).toEqual(['cancelled', 'succeeded']);
  await page.context().close();
});

test('of all that a list shows it is told before how many cannot be changed, and what has started since it was read', async () => {
  const [ended = '', next = '', last = ''] = await scheduleMany(4, 'mixed', Date.now() + HOUR_MS);
  const runNow = async (jobId: string): Promise<void> => {
    await userOf('me').post(`/v1/jobs/${jobId}/run-now`);
    await userOf('me').untilStatus(jobId, 'succeeded');
  };
  await runNow(ended);
  const page = await pageOf('me', '/jobs?tag=mixed');
  await until(async () => (await rowOf(page, 'mixed').count()) === 4);
  await runNow(next);
  await page.keyboard.press('.');
  await dialogOf(page)
    .getByText(
      '2 of 4 jobs would be cancelled: 2 have succeeded. 1 has started since the list was read.',
    )
    .waitFor();

  // a list of those that wait shows nothing else to count
  await page.goto(`${stack().httpUrl}/jobs?tag=mixed&status=scheduled`);
  await until(async () => (await rowOf(page, 'mixed').count()) === 2);
  await runNow(last);
  await page.keyboard.press('.');
  await dialogOf(page)
    .getByText('1 job would be cancelled. 1 has started since the list was read.')
    .waitFor();
  await page.context().close();
});

test('all that a list shows is cancelled while one looks on, nothing of the page moves by itself, and the list of operations has it', async () => {
  const jobIds = await scheduleMany(15, 'swept', Date.now() + HOUR_MS);
  const beside = await userOf('me').schedule(Date.now() + HOUR_MS, { name: 'beside them' });
  const page = await pageOf('me', '/jobs?tag=swept&status=scheduled');
  await rowOf(page, 'swept 14').waitFor();
  await page.getByRole('button', { name: 'Change all of these…' }).click();
  await dialogOf(page).getByText('All scheduled jobs tagged swept.').waitFor();
  await dialogOf(page).getByText('15 jobs would be cancelled.').waitFor();
  await dialogOf(page).getByText('and 5 more').waitFor();
  await dialogOf(page).locator('.items .moment').first().hover();
  await page.getByRole('tooltip').getByText(/T.*Z$/).waitFor();
  await dialogOf(page).getByRole('button', { name: 'Cancel 15 jobs' }).click();
  await page.getByRole('heading', { name: 'Cancel scheduled jobs tagged swept' }).waitFor();
  await page.getByRole('progressbar').waitFor();
  const shifted = await watchShifts(page);
  await page.getByText('Done: 15 changed.').waitFor();
  expect((await shifted()).score).toBeLessThan(0.1);
  expect(new Set(await statusesOf([...jobIds, beside]))).toEqual(
    new Set(['cancelled', 'scheduled']),
  );
  expect(await statusesOf([beside])).toEqual(['scheduled']);

  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Operations' }).waitFor();
  const row = page.getByRole('listitem').filter({ hasText: 'tagged swept' });
  await row.getByText('15 changed').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Tab'); // on to when it was started, told to the millisecond
  await page.getByRole('tooltip').getByText(/T.*Z$/).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Cancel scheduled jobs tagged swept' }).waitFor();
  await page.context().close();
});

test('an operation that runs can be stopped; what cannot be read is told, and an unknown one is none', async () => {
  const page = await pageOf('me', '/operations');
  const operationId = '019ab000-0000-7000-8000-00000000000a';
  const progress = { waiting: 300, changed: 200, unchanged: 0, refused: 0, left: 0 };
  const running = {
    ...{ operationId, ownerId: 'me', kind: 'cancel', status: 'running', filter: { tag: 'red' } },
    ...{ items: 500, progress, revision: 3, startedAt: new Date().toISOString(), endedAt: null },
  };
  const stopped = { ...running, status: 'stopped', endedAt: running.startedAt };
  let answer: object = running;
  await page.route(/\/v1\/operations\/019ab000[^/]*$/, (route) => route.fulfill({ json: answer }));
  await page.route(/\/v1\/operations\/019ab000.*\/items/, (route) =>
    route.fulfill({ json: { items: [] } }),
  );
  await page.route(/\/v1\/operations\/019ab000.*\/stop$/, (route) => {
    answer = { ...stopped, progress: { ...progress, waiting: 0, left: 300 } };
    return route.fulfill({ json: { ...running, status: 'stopping', position: '1' } });
  });
  await page.goto(`${stack().httpUrl}/operations/${operationId}`);
  await page.getByText('200 of 500 · 200 changed').first().waitFor();
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByText('Done: 200 changed · 300 left alone.').waitFor();
  expect(await page.getByRole('button', { name: 'Stop it' }).count()).toBe(0);

  await page.goto(`${stack().httpUrl}/operations/019ab111-0000-7000-8000-000000000000`);
  await page.getByRole('heading', { name: 'There is no such operation' }).waitFor();
  await page.route(/\/v1\/dead-letters/, (route) =>
    route.fulfill({ status: 403, json: { type: '/problems/forbidden', title: 'No', detail: '' } }),
  );
  await page.getByRole('link', { name: 'Dead letters' }).click();
  await page.getByRole('alert').waitFor();
  await page.context().close();
});

test('however far one reads the items of an operation, the page keeps those that are looked at alone, and begins again when asked', async () => {
  const page = await pageOf('me', '/operations');
  const operationId = '019ab000-0000-7000-8000-00000000000b';
  const progress = { waiting: 0, changed: 9_871, unchanged: 0, refused: 0, left: 0 };
  const startedAt = new Date().toISOString();
  const done = {
    ...{ operationId, ownerId: 'me', kind: 'cancel', status: 'completed', filter: { tag: 'red' } },
    ...{ items: 9_871, progress, revision: 9, startedAt, endedAt: startedAt },
  };
  await page.route(/\/v1\/operations\/019ab000[^/]*$/, (route) => route.fulfill({ json: done }));
  await page.route(/\/v1\/operations\/019ab000.*\/items/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? '0');
    const items = Array.from({ length: 50 }, (_, n) => ({
      ...{ item: from + n, jobId: operationId, name: `Job ${from + n}`, outcome: 'changed' },
    }));
    return route.fulfill({ json: { items, nextCursor: String(from + 50) } });
  });
  await page.goto(`${stack().httpUrl}/operations/${operationId}`);
  const items = page.getByRole('region', { name: 'Its jobs, and what became of each' });
  for (let last = 49; last < 600; last += 50) {
    await items.getByRole('link', { name: `Job ${last}`, exact: true }).waitFor();
    await items.getByRole('button', { name: 'Show more' }).click();
  }
  await items.getByRole('link', { name: 'Job 649', exact: true }).waitFor();
  const links = items.getByRole('listitem').getByRole('link');
  expect(await links.count()).toBe(500);
  expect(await links.first().textContent()).toBe('Job 150');
  await items.getByRole('button', { name: 'Show from the first one again' }).click();
  await items.getByRole('link', { name: 'Job 0', exact: true }).waitFor();
  expect(await links.count()).toBe(50);
  await page.context().close();
});
