import { until } from '../../support/until';
import { findings } from './seeing';
import { pageOf, stack, userOf } from './stack';

// when jobs are due and how late they start, in the browser

const MINUTE_MS = 60_000;
const minuteIn = (minutes: number): number =>
  Math.floor(Date.now() / MINUTE_MS + minutes) * MINUTE_MS;

test('the load shows what comes to be due while it is looked at, and leads to the jobs of a minute by keys alone', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now(), { name: 'Seen in the load' });
  const { latenessMs } = await me.untilStatus(jobId, 'succeeded');
  expect(latenessMs).not.toBeNull();
  const page = await pageOf('me', '/jobs');
  await page.getByRole('link', { name: 'Load', exact: true }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  const grid = page.getByRole('grid', { name: 'Jobs due by minute' });
  await grid.waitFor();
  await page.locator('canvas').waitFor();
  await grid
    .getByRole('gridcell', { name: / started, half within/ })
    .first()
    .waitFor();

  // three hours ahead: three rows below, and nobody else has a job of this name
  const at = minuteIn(180);
  const coming = { name: 'To be seen in the load' };
  for (let n = 0; n < 3; n++) await me.schedule(at, coming);
  await grid.getByRole('gridcell', { name: /: 3 jobs due$/ }).waitFor();

  // what a schedule has ahead is no job yet, and stands there all the same
  const elsewhere = `${(new Date(at).getUTCMinutes() + 30) % 60} * * * *`;
  const { body } = await me.post('/v1/schedules', {
    ...{ name: 'Foreseen', timing: { cron: elsewhere }, timeZone: 'UTC' },
    job: { location: 'print:foreseen' },
  });
  await page.reload();
  await grid
    .getByRole('gridcell', { name: /: (.*; )?\d+ runs? planned by schedules$/ })
    .first()
    .waitFor();
  expect((await me.remove(`/v1/schedules/${body.scheduleId ?? ''}`)).status).toBe(200);
  await grid.getByRole('gridcell', { name: /: 3 jobs due/ }).waitFor();

  await grid.focus();
  const told = page.locator('.heat-foot p').first();
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowDown');
  // it begins at the first minute to come, which may be one further by now: to the left, or at the end of the row above
  let way = 'ArrowLeft';
  await until(async () => {
    const before = await told.textContent();
    if (before?.endsWith(': 3 jobs due')) return true;
    await page.keyboard.press(way);
    if ((await told.textContent()) !== before) return false;
    await page.keyboard.press('ArrowUp');
    way = 'ArrowRight';
    return false;
  });
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\?from=/);
  expect(new URL(page.url()).searchParams.get('from')).toBe(new Date(at).toISOString());
  await until(async () => (await page.getByRole('link', { name: coming.name }).count()) === 3);
  await page.context().close();
});

test('every minute that is kept can be seen, and as far ahead: by buttons, by keys, and by an address that can be sent', async () => {
  const me = userOf('me');
  const twoDays = 2 * 24 * 60;
  const at = minuteIn(twoDays);
  for (let n = 0; n < 2; n++) await me.schedule(at, { name: 'In two days' });
  const page = await pageOf('me', '/load?zone=UTC');
  const shown = page.getByRole('navigation', { name: 'Time shown' });
  const grid = page.getByRole('grid', { name: 'Jobs due by minute' });
  await grid.waitFor();
  const around = await shown.locator('b').textContent();
  await page.keyboard.press('j');
  await page.waitForURL(/at=/);
  await until(async () => (await shown.locator('b').textContent()) !== around);
  await shown.getByRole('button', { name: 'Later' }).click();
  await grid.getByRole('gridcell', { name: /: 2 jobs due/ }).waitFor();
  await page.getByText('As a table').click();
  await page.getByRole('table').getByRole('row').filter({ hasText: '2' }).first().waitFor();
  // nothing that is to come has started
  expect(await page.locator('.chart').count()).toBe(0);

  const other = await pageOf('me', new URL(page.url()).pathname + new URL(page.url()).search);
  await other.getByRole('gridcell', { name: /: 2 jobs due/ }).waitFor();
  await other.context().close();

  await shown.getByRole('button', { name: 'Now' }).click();
  await grid.focus();
  const asked = page.waitForRequest(/\/v1\/lateness\?/);
  await page.keyboard.press('PageUp');
  const { searchParams } = new URL((await asked).url());
  const behindMs = Date.now() - Date.parse(searchParams.get('from') ?? '');
  expect(behindMs).toBeGreaterThan(35 * 60 * MINUTE_MS); // a day before the half of one that is seen now
  await page.locator('.chart').waitFor();
  const oldest = new Date(Date.now() - 29 * 24 * 60 * MINUTE_MS).toISOString();
  await page.goto(`${stack().httpUrl}/load?zone=UTC&at=${oldest}`);
  const earlier = shown.getByRole('button', { name: 'Earlier' });
  const days = shown.locator('b');
  await days.waitFor();
  while (await earlier.isEnabled()) {
    const before = await days.textContent();
    await earlier.click();
    await until(async () => (await days.textContent()) !== before);
  }
  await grid.waitFor();
  expect(await findings(page)).toEqual([]);
  await page.context().close();
});

test('the same is told in numbers, by hour and by day', async () => {
  const page = await pageOf('operator', '/load?step=hour');
  await page.getByRole('grid', { name: 'Jobs due by hour' }).waitFor();
  await page.getByText('As a table').click();
  await page.getByRole('columnheader', { name: '99 %' }).waitFor();
  expect(await page.getByRole('table').getByRole('row').count()).toBeGreaterThan(1);
  await page.getByRole('link', { name: '7 weeks by day' }).click();
  await page.getByRole('grid', { name: 'Jobs due by day' }).waitFor();
  await page.context().close();
});

test('where nothing is due, the page says so and what to do; where it cannot ask, it says that', async () => {
  const page = await pageOf('me', '/jobs');
  const nothing = { from: '', to: '', step: 'minute', buckets: [] };
  await page.route(/\/v1\/(forecast|lateness)/, (route) => route.fulfill({ json: nothing }));
  await page.getByRole('link', { name: 'Load', exact: true }).click();
  await page.getByRole('heading', { name: 'Nothing was due, and nothing is to come' }).waitFor();
  await page.unroute(/\/v1\/(forecast|lateness)/);
  await page.route(/\/v1\/lateness/, (route) =>
    route.fulfill({ status: 422, json: { type: '/problems/bad-window', title: 'No', detail: '' } }),
  );
  await page.getByRole('link', { name: '4 weeks by hour' }).click();
  await page.getByRole('alert').waitFor();
  await page.context().close();
});
