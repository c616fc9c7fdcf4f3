import type { Page } from 'playwright-core';
import { madeUpOperations } from './made-up-operations';
import { inSeconds, pageOf, stack, userOf } from './stack';

// what is rarely so: a server that is away, names and tags as long as they may be, other languages, no wish for motion

const HOUR_S = 3_600;
const WIDE = { width: 1280, height: 860 };

let page: Page;
beforeAll(async () => {
  page = await pageOf('operator', '/system');
});
afterAll(() => page.context().close());

const scheduled = async (more: object): Promise<string> => {
  const operator = userOf('operator');
  const jobId = await operator.schedule(Date.parse(inSeconds(50 * HOUR_S)), more);
  await operator.untilStatus(jobId, 'scheduled');
  return jobId;
};

const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name });

test('a server that answers 503 is told of within two seconds, on a list, of a job and of a change, and what was wanted comes by itself', async () => {
  const jobId = await scheduled({ name: 'Waited for', tags: ['away'] });
  const told = page.getByRole('status').filter({ hasText: 'It is tried again by itself' });
  /** @param of  what is answered by a 503 from then on, until it has been told */
  const whileAway = async (of: string, act: () => Promise<unknown>): Promise<void> => {
    const isMeant = (url: URL): boolean => url.pathname === of;
    await page.route(isMeant, (route) => route.fulfill({ status: 503, body: 'no healthy host' }));
    const refused = page.waitForResponse((response) => isMeant(new URL(response.url())));
    try {
      await act();
      await refused;
      await told.getByText('The server answered 503').waitFor({ timeout: 2_000 });
    } finally {
      await page.unroute(isMeant);
    }
    await told.waitFor({ state: 'detached' });
  };

  await whileAway('/v1/jobs', () => page.goto(`${stack().httpUrl}/jobs?tag=away`));
  await rowOf('Waited for').waitFor();
  await whileAway(`/v1/jobs/${jobId}`, () => page.goto(`${stack().httpUrl}/jobs/${jobId}`));
  await page.locator('.head .status-scheduled').waitFor();
  // sent again it is the same command: the job is cancelled once
  await whileAway(`/v1/jobs/${jobId}/cancel`, () =>
    page.getByRole('button', { name: 'Cancel the job' }).click(),
  );
  await page.locator('.head .status-cancelled').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await userOf('operator').eventTypes(jobId)).toEqual(['JobScheduled', 'JobCancelled']);
});

const styleOf = (selector: string, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);

/** What is wider than the window, or than the dialog that it is in. */
const tooWide = (): Promise<readonly string[]> =>
  page.evaluate(`[document.documentElement, ...document.querySelectorAll('dialog[open], .drawer')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ tagName, scrollWidth }) => tagName + ' ' + scrollWidth)`);

test('a name of 200 Arabic characters and twenty tags as long as they may be are read their own way, and nothing scrolls sideways', async () => {
  const name = `${'تقرير المبيعات '.repeat(10)}${'م'.repeat(50)}`;
  const tags = Array.from({ length: 20 }, (_, n) => `${n}-`.padEnd(64, 'long'));
  const jobId = await scheduled({ name, tags: [...tags.slice(1), 'odd-long'] });
  const { body } = await userOf('operator').post('/v1/schedules', {
    ...{ name, timing: { cron: '30 2 * * *' }, timeZone: 'Asia/Riyadh' },
    job: { location: 'print:', tags },
  });
  for (const size of [WIDE, { width: 360, height: 740 }]) {
    await page.setViewportSize(size);
    await page.goto(`${stack().httpUrl}/jobs?tag=odd-long&cols=due,status,standing,tags,id`);
    await page.locator('.rows-body a').waitFor();
    expect(await styleOf('.rows-body a', 'direction')).toBe('rtl');
    expect(await tooWide()).toEqual([]);

    await page.locator('.rows-body a').press('Enter'); // over the list, where there is room for it
    await page.locator('.story li').first().waitFor();
    expect(await page.locator('.about .tag').count()).toBe(20);
    expect(await styleOf('h1[dir]', 'direction')).toBe('rtl');
    expect(await tooWide()).toEqual([]);
    await page.getByRole('button', { name: 'Move…' }).click();
    await page.getByRole('dialog', { name: `Move “${name}”` }).waitFor();
    expect(await styleOf('dialog bdi', 'direction')).toBe('rtl');
    expect(await tooWide()).toEqual([]);
    await page.keyboard.press('Escape');

    await page.goto(`${stack().httpUrl}/jobs/${jobId}`);
    await page.locator('.story li').first().waitFor();
    expect(await tooWide()).toEqual([]);
    await page.goto(`${stack().httpUrl}/schedules/${body.scheduleId ?? ''}/change`);
    await page.locator('.crumbs').getByRole('link', { name }).waitFor();
    expect(await styleOf('.crumbs a', 'unicodeBidi')).toBe('plaintext');
    await page.locator('.preview li').first().waitFor();
    expect(await tooWide()).toEqual([]);
  }
  expect((await userOf('operator').remove(`/v1/schedules/${body.scheduleId ?? ''}`)).status).toBe(
    200,
  );
});

test('who wants no motion gets none; others see what comes in come in', async () => {
  await scheduled({ name: 'Comes in', tags: ['motion'] });
  await page.setViewportSize(WIDE);
  for (const [reducedMotion, animation] of [
    ['no-preference', 'drawer-in'],
    ['reduce', 'none'],
  ] as const) {
    await page.emulateMedia({ reducedMotion });
    await page.goto(`${stack().httpUrl}/jobs?tag=motion`);
    await rowOf('Comes in').getByRole('link').click();
    await page.locator('.drawer').waitFor();
    expect(await styleOf('.drawer', 'animationName')).toBe(animation);
  }
});

test('clocks, thousands and the first day of a week are those of the browser’s language', async () => {
  const { body } = await userOf('operator').post('/v1/schedules', {
    ...{ name: 'In any language', timing: { cron: '30 2 * * *' }, timeZone: 'UTC' },
    job: { location: 'print:' },
  });
  for (const { locale, day, many, clock } of [
    { locale: 'en-US', day: 'Sun', many: '1,204', clock: /\b\d{2}:\d{2}:\d{2}\s[AP]M$/ },
    { locale: 'de-DE', day: 'Mo', many: '1.204', clock: /\b\d{2}:\d{2}:\d{2}$/ },
  ]) {
    const other = await pageOf('operator', `/schedules/${body.scheduleId ?? ''}`, { locale });
    await other.getByRole('columnheader').first().getByText(day, { exact: true }).waitFor();
    await madeUpOperations(other);
    await other.goto(`${stack().httpUrl}/dead-letters`);
    const cause = other.getByRole('row').filter({ hasText: 'HTTP_503' });
    await cause.getByRole('cell', { name: many, exact: true }).waitFor();
    expect(await cause.locator('time').last().textContent()).toMatch(clock);
    // all of it where one points
    await cause.locator('.moment').last().hover();
    await other.getByRole('tooltip').getByText(/T.*Z$/).waitFor();
    await other.context().close();
  }
  expect((await userOf('operator').remove(`/v1/schedules/${body.scheduleId ?? ''}`)).status).toBe(
    200,
  );
});
