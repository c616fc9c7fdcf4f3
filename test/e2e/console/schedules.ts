import { until } from '../../support/until';
import { findings, untilToldSlow } from './seeing';
import { pageOf, stack, userOf } from './stack';

// schedules in the browser

type Made = { readonly scheduleId: string };

test('a rule is seen before it is kept, with what a change of clocks does to it', async () => {
  const page = await pageOf('me', '/schedules/new');
  await page.getByLabel('How often').selectOption('daily');
  await page.getByRole('heading', { name: 'Every day at 02:30' }).waitFor();
  // clocks of Berlin leave 02:30 out in spring and show it twice in autumn
  await page
    .getByText(/clocks (leave out|show) 02:30/)
    .first()
    .waitFor();
  // and this is what each choice comes to for it
  await page.getByText(/it runs at 03:30, for 02:30 that clocks leave out/).waitFor();
  await page.getByText('Skip', { exact: true }).first().click();
  await page.getByText('It does not run that day.').waitFor();
  await page.getByText(/it does not run at 02:30, for clocks leave that out/).waitFor();
  await page.getByText('Begin, end, days without a run').click();
  await page.getByLabel('Not before').fill('2027-03-29T00:00:00');
  await page
    .locator('.preview')
    .first()
    .getByText(/\b29 Mar\b/)
    .waitFor();
  await page.getByLabel('Not before').fill('');

  await page.getByText('Cron', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Cron' }).fill('99 * * * *');
  await page.locator('.wrong').first().waitFor();
  await page.getByRole('textbox', { name: 'Cron' }).fill('0 9 L * *');
  await page.getByRole('textbox', { name: 'Name' }).fill('Payroll');
  await page.getByRole('button', { name: 'Create it' }).click();
  await page.getByRole('heading', { name: 'Payroll' }).waitFor();
  await page.getByText('planned').first().waitFor();
  await page.context().close();
});

test('who writes no cron ticks days and sees what comes of them; every other week they are counted from a day', async () => {
  const page = await pageOf('me', '/schedules/new?zone=UTC');
  const days = page.getByRole('group', { name: 'On' });
  for (const name of ['Tuesday', 'Wednesday', 'Friday'])
    await days.getByRole('checkbox', { name }).uncheck();
  await page.getByRole('heading', { name: 'Every Monday and Thursday at 02:30' }).waitFor();
  const next = page.locator('.preview').first().getByRole('listitem');
  await next.filter({ hasText: /Mon/ }).first().waitFor();
  await next.filter({ hasText: /Thu/ }).first().waitFor();
  await next
    .filter({ hasText: /Tue|Wed|Fri/ })
    .first()
    .waitFor({ state: 'detached' });
  await page.getByLabel('Every how many weeks').fill('2');
  await page.getByLabel('Counted from').fill('2027-01-04');
  await next
    .filter({ hasText: /\b4 Jan/ })
    .first()
    .waitFor();
  await next
    .filter({ hasText: /18 Jan/ })
    .first()
    .waitFor();
  expect(await next.filter({ hasText: /1[14] Jan/ }).count()).toBe(0);
  expect(await findings(page)).toEqual([]);
  await page.context().close();
});

test('a schedule rests, goes on and runs once by hand; one occurrence is moved, another cancelled; what is not seen yet is told', async () => {
  const { body } = await userOf('me').post('/v1/schedules', {
    name: 'Hourly',
    timing: { cron: `${(new Date().getUTCMinutes() + 30) % 60} * * * *` }, // not while this is looked at
    timeZone: 'Europe/Berlin',
    job: { location: 'print:' },
  });
  const { scheduleId } = body as unknown as Made; // a schedule's answer
  const page = await pageOf('me', `/schedules/${scheduleId}`);
  await untilToldSlow(page, /\/pause$/, () => page.getByRole('button', { name: 'Pause' }).click());
  await page.locator('.head .status-paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.head .status-active').waitFor();
  await page.getByRole('button', { name: 'Run it once now' }).click();
  await page.getByRole('link', { name: 'see its job' }).waitFor();

  await page.getByRole('button', { name: 'Move…' }).nth(2).click();
  await page.getByLabel('Why').fill('the books are open');
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel(/^Due/).fill(`${day}T18:00:00`);
  await page.getByRole('button', { name: 'Move it' }).click();
  await page
    .locator('.story')
    .getByText(/the books are open/)
    .waitFor();
  await untilToldSlow(page, /\/occurrences\/.*\/cancel$/, () =>
    page.getByRole('button', { name: 'Cancel' }).nth(3).click(),
  );
  await page
    .locator('.occurrences')
    .getByText(/it was cancelled/)
    .waitFor();

  // the list is gone through by keys, and so is what can be done to one
  const focused = async (): Promise<string> =>
    String(await page.evaluate('document.activeElement.textContent'));
  await page.goto(`${stack().httpUrl}/schedules`);
  const names = page.locator('.rows-body .cell-name a');
  await names.nth(1).waitFor();
  const [first = '', second = ''] = await names.allTextContents();
  for (const [key, name] of [
    ['j', first],
    ['j', second],
    ['k', first],
  ] as const) {
    await page.keyboard.press(key);
    await until(async () => (await focused()) === name, { what: `${key} goes to ${name}` });
  }
  await page.keyboard.press('Tab'); // on to its next run, told to the millisecond
  await page.getByRole('tooltip').getByText(/T.*Z$/).waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: first }).waitFor();
  await page.keyboard.press('.');
  await until(async () => (await focused()) === 'Pause', { what: 'its actions have the focus' });
  await page.context().close();
});

/** Whose runs are in nobody else's way: lists of jobs are looked at by the other one. */
const OWNER = 'operator';

type Asked = { readonly name?: string; readonly cron?: string };

const make = async ({ name = 'Hourly', cron = '0 * * * *' }: Asked = {}): Promise<string> => {
  const { status, body } = await userOf(OWNER).post('/v1/schedules', definition(name, cron));
  expect(status).toBe(201);
  return (body as unknown as Made).scheduleId; // a schedule's answer
};

const definition = (name: string, cron: string) => ({
  ...{ name, timing: { cron }, timeZone: 'Europe/Berlin', exclude: ['2027-01-01'] },
  job: { location: 'print:', payload: { of: 'the books' }, cutoffMs: 5_000 },
});

test('a schedule is changed in its own fields alone; a run that was planned meanwhile is no reason for a no, a change by another is told', async () => {
  const scheduleId = await make({ name: 'Before' });
  const owner = userOf(OWNER);
  const read = async (): Promise<object> => (await owner.get(`/v1/schedules/${scheduleId}`)).body;
  const page = await pageOf(OWNER, `/schedules/${scheduleId}`);
  await page.getByRole('link', { name: 'Change…' }).press('Enter');
  await page.getByLabel('Name').fill('After');
  // its cron came back as choices
  await page.getByRole('heading', { name: 'Every hour' }).waitFor();
  await page.getByText('Cron', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Cron' }).fill('15 * * * *');
  expect((await owner.post(`/v1/schedules/${scheduleId}/trigger`)).status).toBe(200);
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await page.getByRole('heading', { name: 'After' }).waitFor();
  // what the form has no field for stays
  expect(await read()).toMatchObject({
    ...definition('After', '15 * * * *'),
    job: { payload: { of: 'the books' }, cutoffMs: 5_000 },
  });

  await page.getByRole('link', { name: 'Change…' }).press('Enter');
  await page.getByLabel('Name').fill('Mine');
  const theirs = definition('Theirs', '30 * * * *');
  expect((await owner.put(`/v1/schedules/${scheduleId}`, theirs)).status).toBe(200);
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await page.getByText('its name, to “Theirs” and its rule, to 30 * * * *').waitFor();
  expect(await read()).toMatchObject({ name: 'Theirs' });
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Replace it by mine' }).press('Enter');
  await page.getByRole('heading', { name: 'Mine' }).waitFor();
  expect(await read()).toMatchObject({ name: 'Mine', timing: { cron: '15 * * * *' } });
  await page.context().close();
});

test('what is deleted is what was looked at: a change by another comes before it and is told', async () => {
  const scheduleId = await make({ name: 'Short-lived' });
  const page = await pageOf(OWNER, `/schedules/${scheduleId}`);
  await page.getByRole('button', { name: 'Delete…' }).press('Enter');
  await page.getByRole('dialog', { name: 'Delete “Short-lived”?' }).waitFor();
  const theirs = definition('Needed after all', '0 * * * *');
  expect((await userOf(OWNER).put(`/v1/schedules/${scheduleId}`, theirs)).status).toBe(200);
  await page.getByRole('button', { name: 'Delete it' }).press('Enter');
  await page.getByText(/its name, to “Needed after all” was changed; it is not deleted/).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Why').fill('it is not');
  await untilToldSlow(page, new RegExp(`/v1/schedules/${scheduleId}$`), () =>
    page.getByRole('button', { name: 'Delete it as it is now' }).press('Enter'),
  );
  await page.locator('.head .status-deleted').waitFor();
  await page
    .locator('.story')
    .getByText(/it is not/)
    .waitFor();
  expect(await page.getByRole('link', { name: 'Change…' }).count()).toBe(0);
  await page.context().close();
});

test('what lies in the past is counted before it is run; the calendar has it, and days and months are gone through by keys alone', async () => {
  const scheduleId = await make({ name: 'Daily', cron: '30 2 * * *' });
  const page = await pageOf(OWNER, `/schedules/${scheduleId}?zone=Europe/Berlin`);
  await page.getByRole('button', { name: 'Run the past…' }).press('Enter');
  await page.getByLabel(/^From/).fill('2026-11-10T00:00:00');
  await page.getByLabel(/^To/).fill('2026-11-12T12:00:00');
  await page.getByText('These are 3 runs, due at once.').waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Run 3 now' }).press('Enter');
  await page.getByText('3 runs were made').waitFor();

  await page.goto(`${stack().httpUrl}/schedules/${scheduleId}?month=2026-11`);
  const grid = page.getByRole('grid', { name: 'Runs of November 2026' });
  await grid.getByRole('gridcell', { name: /11 November 2026: 1 ran at 02:30$/ }).waitFor();
  await grid.focus();
  await page.keyboard.press('PageUp');
  await page.getByRole('grid', { name: 'Runs of October 2026' }).waitFor();
  for (let months = 0; months < 3; months += 1) await page.keyboard.press('PageDown');
  const january = page.getByRole('grid', { name: 'Runs of January 2027' });
  // the rule has it, the schedule leaves it out
  await january.getByRole('gridcell', { name: /\b1 January 2027: nothing$/ }).waitFor();
  await january.getByRole('gridcell', { name: /\b2 January 2027: 1 planned at 02:30$/ }).waitFor();
  const at = async (): Promise<string | null> =>
    await january.getAttribute('aria-activedescendant');
  while ((await at()) !== 'day-2027-01-05') {
    const before = (await at()) ?? '';
    await page.keyboard.press(before < 'day-2027-01-05' ? 'ArrowRight' : 'ArrowLeft');
    await until(async () => (await at()) !== before);
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Tuesday,? 5 January 2027$/ }).waitFor();
  expect(new URL(page.url()).searchParams.get('day')).toBe('2027-01-05');
  const list = page.locator('.occurrences').getByRole('listitem');
  await until(async () => (await list.count()) === 1);
  await list.getByRole('button', { name: 'Cancel' }).press('Enter');
  await january.getByRole('gridcell', { name: /\b5 January 2027: 1 skipped at 02:30$/ }).waitFor();
  expect(await findings(page)).toEqual([]);

  // whose clocks have 12 hours gets them, and all of an instant where he points
  const american = await pageOf(OWNER, `${new URL(page.url()).pathname}?day=2027-01-06`, {
    locale: 'en-US',
  });
  await american
    .getByRole('gridcell', { name: /January 6, 2027: 1 planned at 02:30\sAM$/ })
    .waitFor();
  await american
    .locator('.occurrences')
    .getByRole('button', { name: /^02:30\sAM$/ })
    .hover();
  await american.getByRole('tooltip').getByText('2027-01-06T01:30:00.000Z').waitFor();
  await american.context().close();
  await page.context().close();
});

test('of one that runs every minute a month is not counted to its end, and says so; a day is listed all the same', async () => {
  const scheduleId = await make({ name: 'Minutely', cron: '* * * * *' });
  const page = await pageOf(OWNER, `/schedules/${scheduleId}?month=2027-02`);
  const grid = page.getByRole('grid', { name: 'Runs of February 2027' });
  await grid.getByRole('gridcell', { name: /20 February 2027: not counted$/ }).waitFor();
  await page.getByText(/^Counted up to .* 2027: there are more runs/).waitFor();
  await page.goto(`${stack().httpUrl}/schedules/${scheduleId}?day=2027-02-20`);
  await page.getByRole('heading', { name: /^Saturday,? 20 February 2027$/ }).waitFor();
  const list = page.locator('.occurrences').getByRole('listitem');
  await until(async () => (await list.count()) === 30);
  await page.getByRole('button', { name: 'Later ones' }).press('Enter');
  await until(async () => (await list.count()) === 60);
  await page.context().close();
});

test('a minute that many have chosen is told before a job is scheduled into it, with a quieter one to take', async () => {
  const MINUTE_MS = 60_000;
  const at = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 180 * MINUTE_MS;
  const dueAt = new Date(at).toISOString();
  const job = { name: 'one of many', dueAt, location: 'print:' };
  const sent = await userOf(OWNER).post('/v1/jobs/batch', { jobs: Array(160).fill(job) });
  expect(sent.status).toBe(200);

  const page = await pageOf(OWNER, '/jobs/new?zone=UTC');
  await page.getByText('The minute has room.').waitFor();
  const note = page.locator('.crowding');
  const before = await note.boundingBox();
  await page.getByLabel('Name').fill('Beside them');
  await page.getByLabel(/^Due/).fill(dueAt.slice(0, 19));
  await note.getByText(/160 jobs wait for that minute, 100 are wanted at most/).waitFor();
  // nothing below it has moved
  expect((await note.boundingBox())?.height).toBe(before?.height);
  expect(await findings(page)).toEqual([]);
  await note.getByRole('button').first().press('Enter');
  await page.getByText('The minute has room.').waitFor();
  await page.getByRole('button', { name: 'Schedule it' }).press('Enter');
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
  const jobId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const { dueAt: taken = '' } = (await userOf(OWNER).get(`/v1/jobs/${jobId}`)).body;
  expect(Math.abs(Date.parse(taken) - at)).toBe(MINUTE_MS);

  // a user is told the same without a count, by which he would see the jobs of others
  const users = await pageOf('me', '/jobs/new?zone=UTC');
  await users.getByLabel(/^Due/).fill(dueAt.slice(0, 19));
  await users.getByText(/over 100 jobs wait for that minute, more than are wanted/).waitFor();
  await users.context().close();

  // and so it is before a schedule is made whose next run falls into it
  await page.goto(`${stack().httpUrl}/schedules/new?zone=UTC`);
  await page.getByLabel('How often').selectOption('daily');
  await page.locator('input[type=time]').fill(dueAt.slice(11, 16));
  await note.getByText(/160 jobs wait for that minute/).waitFor();
  const quieter = (await note.getByRole('button').first().textContent()) ?? '';
  await note.getByRole('button').first().press('Enter');
  await page.getByRole('heading', { name: `Every day at ${quieter}` }).waitFor();
  await page.getByText('The minute has room.').waitFor();
  await page.context().close();
});
