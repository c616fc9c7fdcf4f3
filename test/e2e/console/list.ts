import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { readOnce } from './rows';
import { watchShifts } from './seeing';
import { inSeconds, pageOf, stack, userOf } from './stack';

// the list of jobs as a place to work in: one page for all of it, of an operator, for other tests look at the jobs of `me`

const HOUR_S = 3_600;
const NAMES = ['Nord', 'Ost', 'Süd', 'West'] as const;

let page: Page;

/** Jobs of the operator, which the read model has. */
const scheduleMany = async (
  names: readonly string[],
  job: (n: number) => Readonly<Record<string, unknown>>,
): Promise<readonly string[]> => {
  const operator = userOf('operator');
  const jobs = names.map((name, n) => ({ name, location: 'print:', ...job(n) }));
  const { body } = await operator.post('/v1/jobs/batch', { jobs });
  await operator.get(`/v1/jobs?limit=1&after=${body.results?.at(-1)?.job?.position ?? ''}`);
  return body.results?.map(({ job: made }) => made?.jobId ?? '') ?? [];
};

const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name });
const drawer = () => page.getByRole('dialog', { name: 'Job', exact: true });
const focused = async (): Promise<string> =>
  String(await page.evaluate('document.activeElement.textContent'));

beforeAll(async () => {
  // the latest due comes first: Nord
  await scheduleMany(NAMES, (n) => ({ dueAt: inSeconds((20 - n) * HOUR_S), tags: ['listed'] }));
  page = await pageOf('operator', '/jobs?tag=listed');
  await rowOf('West').waitFor();
});
afterAll(() => page.context().close());

test('a job opened from the list lies over it, goes along with its rows by keys, and gives the focus back; linked it is a page', async () => {
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await until(async () => (await focused()) === 'Ost');
  await page.keyboard.press('Enter');
  await drawer().getByRole('heading', { name: 'Ost' }).waitFor();
  expect(await rowOf('Nord').count()).toBe(1); // beside it
  const linked = page.url();
  expect(linked).toMatch(/\/jobs\/[0-9a-f-]{36}$/);

  // its keys go before those of the list: a job is moved, not all that are shown
  await page.keyboard.press('.');
  expect(await focused()).toBe('Move…');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Move “Ost”' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await drawer().count()).toBe(1);

  await page.keyboard.press('j');
  await drawer().getByRole('heading', { name: 'Süd' }).waitFor();
  await until(async () => (await focused()) === 'Süd');
  await page.keyboard.press('Enter');
  await until(async () => (await focused()) !== 'Süd', { what: 'the focus is within it' });
  await page.keyboard.press('Escape');
  await drawer().waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?tag=listed');
  await until(async () => (await focused()) === 'Süd', { what: 'its row has the focus' });

  await page.goto(linked);
  await page.getByRole('heading', { name: 'Ost' }).waitFor();
  expect(await drawer().count()).toBe(0);
  await page.goto(`${stack().httpUrl}/jobs?tag=listed`);
  await rowOf('West').waitFor();
});

test('the day above the list is a filter: what is dragged over, or chosen by keys, is what the list shows', async () => {
  const day = inSeconds(40 * 86_400).slice(0, 10);
  const times = ['10:05', '10:40', '15:20'];
  await scheduleMany(times, (n) => ({ dueAt: `${day}T${times[n] ?? ''}:00Z`, tags: ['strip'] }));
  const whole = { from: `${day}T00:00:00Z`, to: `${day}T23:00:00Z` };
  const search = new URLSearchParams({ tag: 'strip', zone: 'UTC', ...whole });
  await page.goto(`${stack().httpUrl}/jobs?${search.toString()}`);
  const filter = (): readonly (string | null)[] =>
    ['from', 'to'].map((name) => new URL(page.url()).searchParams.get(name));

  const middleOf = async (quarter: string): Promise<readonly [number, number]> => {
    const cell = page.getByRole('gridcell', { name: new RegExp(`^${quarter} to .* job`) });
    const box = await until(async () => (await cell.boundingBox()) ?? undefined);
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await page.mouse.move(...(await middleOf('10:00')));
  await page.mouse.down();
  await page.mouse.move(...(await middleOf('10:30')));
  await page.getByRole('region', { name: 'Load of a day' }).getByText('10:00 to 10:45').waitFor();
  await page.mouse.up();
  await rowOf('15:20').waitFor({ state: 'detached' });
  await rowOf('10:40').waitFor();
  expect(filter()).toEqual([`${day}T10:00:00.000Z`, `${day}T10:45:00.000Z`]);

  // on from where the hand was, and back to all of it: the strip stays on its day
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByText('No job fits').waitFor();
  expect(filter()[0]).toBe(`${day}T23:45:00.000Z`);
  await page.keyboard.press('Shift+Home');
  await page.keyboard.press('Enter');
  await rowOf('15:20').waitFor();
  expect(filter()[0]).toBe(`${day}T00:00:00.000Z`);
  await page.keyboard.press('Shift+Home'); // nothing further: chosen once more, it is let go
  await page.keyboard.press('Enter');
  await until(() => filter()[0] === null);
  await middleOf('10:00');

  // an address that says no time is refused in words, and breaks nothing
  const refusal = { type: '/problems/bad-parameter', title: 'No such time', detail: '' };
  const noTime = /\/v1\/jobs.*from=soon/;
  await page.route(noTime, (route) => route.fulfill({ status: 422, json: refusal }));
  await page.goto(`${stack().httpUrl}/jobs?from=soon`);
  await page.getByRole('alert').getByText('No such time').waitFor();
  await page.goto(`${stack().httpUrl}/jobs?tag=listed`); // or it would count for that address again
  await page.unroute(noTime);
});

test('columns, rows and what is filtered are chosen, kept under a name, and sent by the address alone', async () => {
  const titles = (by: Page) => by.getByRole('columnheader').allTextContents();
  const chipOf = (by: Page) => by.getByRole('link', { name: 'Nord by day', exact: true });
  await page.goto(`${stack().httpUrl}/jobs?tag=listed`);
  await rowOf('West').waitFor();
  expect(await titles(page)).toContain('Attempt');
  await page.keyboard.press('f');
  const filters = page.getByRole('dialog', { name: 'Show only jobs' });
  await filters.getByLabel('Named, a part of it').fill('or');
  await filters.getByLabel('Of owner').fill('operator');
  await page.keyboard.press('Enter');
  await rowOf('West').waitFor({ state: 'detached' });
  await rowOf('Nord').waitFor();

  await page.keyboard.press('v');
  const views = page.getByRole('dialog', { name: /^View/ });
  await views.getByLabel('What runs').check();
  await views.getByLabel('Attempt').uncheck();
  await views.getByText('Dense', { exact: true }).click();
  await views.getByLabel('Save what the list shows as').fill('Nord by day');
  await page.keyboard.press('Enter');
  await views.getByText('Saved as “Nord by day”.').waitFor();
  await page.keyboard.press('Escape');
  await until(async () => (await rowOf('Nord').boundingBox())?.height === 34, {
    what: 'rows are dense',
  });
  const chosen = await titles(page);
  expect(chosen).toContain('What runs');
  expect(chosen).not.toContain('Attempt');
  await rowOf('print:').waitFor();

  // elsewhere the look stays and the filter does not; the view has both
  await page.getByRole('link', { name: 'of operator: show all' }).click();
  await page.goto(`${stack().httpUrl}/jobs?tag=listed`);
  await rowOf('West').waitFor();
  expect(await titles(page)).toEqual(chosen);
  await chipOf(page).click();
  await rowOf('West').waitFor({ state: 'detached' });

  const { search } = new URL(page.url());
  const other = await pageOf('operator', `/jobs${search}`);
  await until(async () => (await titles(other)).join() === chosen.join(), {
    what: 'another one sees the same columns by the address',
  });
  expect(await chipOf(other).count()).toBe(0); // a view lives in the browser that saved it
  await other.context().close();

  await page.keyboard.press('v');
  await views.getByRole('button', { name: 'Delete “Nord by day”' }).click();
  await page.keyboard.press('Escape');
  await chipOf(page).waitFor({ state: 'detached' });
});

test('a time says all of itself where one points or goes by keys, and is copied in UTC by a click', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${stack().httpUrl}/jobs?tag=listed&zone=Europe/Berlin&rows=dense`);
  const due = rowOf('Nord').getByRole('button');
  const told = rowOf('Nord').getByRole('tooltip');
  await due.hover();
  await told.getByText(/CES?T\s+\d{4}-\d{2}-\d{2}T.*Z$/).waitFor();
  const at = (await told.textContent())?.split('\n')[1];
  await due.click();
  await told.getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(at);
  expect(await drawer().count()).toBe(0); // the rest of the row opens the job
  await rowOf('Süd').getByRole('link').focus();
  await page.keyboard.press('Tab');
  await rowOf('Süd').getByRole('tooltip').waitFor();
  expect(await told.count()).toBe(0);
});

test('what comes in is announced and moves nothing; what changes changes in its place', async () => {
  const later = (first: number) => (n: number) => ({ dueAt: inSeconds(first - n) });
  const [changed = ''] = await scheduleMany(['Quiet 1', 'Quiet 2', 'Quiet 3'], later(9_000));
  await readOnce(page);
  await page.goto(`${stack().httpUrl}/jobs?q=Quiet`);
  await rowOf('Quiet 3').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const places = async () =>
    await Promise.all([1, 2, 3].map(async (n) => await rowOf(`Quiet ${n}`).boundingBox()));
  const before = await places();
  const shifted = await watchShifts(page);
  await scheduleMany(
    Array.from({ length: 12 }, (_, n) => `Quiet and new ${n}`),
    later(10_000),
  );
  const fresh = page.getByRole('button', { name: '12 new', exact: true });
  await fresh.waitFor();
  await userOf('operator').post(`/v1/jobs/${changed}/cancel`);
  await rowOf('Quiet 1').locator('.status-cancelled').waitFor();
  expect(await places()).toEqual(before);
  expect((await shifted()).moved).toEqual([]);
  await fresh.click();
  await rowOf('Quiet and new 11').waitFor();
  await page.unrouteAll({ behavior: 'wait' });
});

test('a change that is not seen yet says so, and one that came too late is told for what it is', async () => {
  const operator = userOf('operator');
  const [jobId = ''] = await scheduleMany(['Raced'], () => ({ dueAt: inSeconds(HOUR_S) }));
  await page.goto(`${stack().httpUrl}/jobs/${jobId}`);
  const cancel = /\/v1\/jobs\/[^/]+\/cancel$/;
  await page.route(cancel, async (route) => {
    await page.getByText('Sent, and not seen yet').waitFor();
    await operator.post(`/v1/jobs/${jobId}/run-now`);
    await operator.untilStatus(jobId, 'succeeded');
    await route.continue();
  });
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await page
    .getByText(/^It succeeded .+ before your change came\. Nothing was changed\.$/)
    .waitFor();
  await page.getByText(/no seal yet|sealed yet: the log|are sealed: the log/).waitFor();
  await page.unroute(cancel);
});

test('a run of a schedule names it, and when it is by the clocks of that one', async () => {
  const operator = userOf('operator');
  const { body } = await operator.post('/v1/schedules', {
    ...{ name: 'Close of Tokyo', timing: { cron: '30 2 * * *' }, timeZone: 'Asia/Tokyo' },
    job: { location: 'print:' },
  });
  const run = await until(
    async () =>
      (await operator.get(`/v1/jobs?scheduleId=${body.scheduleId ?? ''}`)).body.items?.[0],
    { what: 'its next run is planned' },
  );
  await page.goto(`${stack().httpUrl}/jobs/${run.jobId}?zone=UTC`);
  await page.getByRole('link', { name: 'Close of Tokyo' }).waitFor();
  await page.getByText(/its run of .*02:30:00, Asia\/Tokyo/).waitFor();
});
