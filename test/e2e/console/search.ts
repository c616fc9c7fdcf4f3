import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { inSeconds, pageOf, stack, userOf } from './stack';

// what goes along from page to page: what is looked for, on which clocks, in which colours

const HOUR_S = 3_600;

let page: Page;
let ids: readonly string[] = [];

const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name });
const focused = async (): Promise<string> =>
  String(await page.evaluate('document.activeElement.textContent'));

beforeAll(async () => {
  const operator = userOf('operator');
  const jobs = ['Sought and amber', 'Sought and blue', 'Sought and cyan'].map((name, n) => ({
    ...{ name, location: 'print:', dueAt: inSeconds((30 - n) * HOUR_S) }, // amber comes first
    tags: name.endsWith('amber') ? [] : ['sought'],
  }));
  const { body } = await operator.post('/v1/jobs/batch', { jobs });
  ids = body.results?.map(({ job }) => job?.jobId ?? '') ?? [];
  await operator.get(`/v1/jobs?limit=1&after=${body.results?.at(-1)?.job?.position ?? ''}`);
  page = await pageOf('operator', '/operations');
});
afterAll(() => page.context().close());

/** Writes into the bar from wherever one is. */
const lookFor = async (words: string): Promise<void> => {
  await page.keyboard.press('/');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(words);
};

test('jobs are found from any page by `/` and a part of their name, by #tag and by id; `k` goes back a row', async () => {
  await lookFor('ought and');
  await rowOf('Sought and amber').waitFor();
  await rowOf('Sought and cyan').waitFor();
  expect(new URL(page.url()).pathname).toBe('/jobs');
  await page.keyboard.press('Escape');

  await lookFor('#sought');
  await rowOf('Sought and amber').waitFor({ state: 'detached' });
  await rowOf('Sought and blue').waitFor();
  expect(new URL(page.url()).search).toBe('?tag=sought');
  await page.keyboard.press('Escape');
  for (const [key, name] of [
    ['j', 'Sought and blue'],
    ['j', 'Sought and cyan'],
    ['k', 'Sought and blue'],
    ['k', 'Sought and blue'], // there is none before it
  ] as const) {
    await page.keyboard.press(key);
    await until(async () => (await focused()) === name, { what: `${key} goes to ${name}` });
  }

  await lookFor(ids[0]?.toUpperCase() ?? '');
  await page.getByRole('heading', { name: 'Sought and amber' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/jobs/${ids[0]}`);
});

test('colours that were chosen are kept by the browser, and stay when the page is read again', async () => {
  const coloursOf = () => page.locator('html').getAttribute('data-mantine-color-scheme');
  expect(await coloursOf()).toBe('light'); // the browser’s own
  await page.getByRole('button', { name: 'Colours: system' }).click();
  await page.getByRole('button', { name: 'Colours: light' }).click();
  await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
  expect(await coloursOf()).toBe('dark');
  await page.reload();
  await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
  expect(await coloursOf()).toBe('dark');
});

test('a zone that was chosen goes along to every place by the address, so that a colleague sees the same clocks; alone it is kept', async () => {
  await page.goto(`${stack().httpUrl}/jobs?tag=sought`);
  const cyan = rowOf('Sought and cyan');
  await cyan.waitFor();
  await page.getByLabel('Time zone', { exact: true }).selectOption('Asia/Tokyo');
  const { dueAt = '' } = (await userOf('operator').get(`/v1/jobs/${ids[2]}`)).body;
  const clock = { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Tokyo' } as const;
  await cyan.getByText(new Date(dueAt).toLocaleTimeString('en-GB', clock)).waitFor();

  const isAt = async (pathname: string): Promise<void> => {
    await page.waitForURL((url) => url.pathname === pathname);
    expect(new URL(page.url()).searchParams.get('zone')).toBe('Asia/Tokyo');
  };
  await isAt('/jobs');
  const places = page.getByRole('navigation', { name: 'Places' });
  for (const [name, pathname] of [
    ['Schedules', '/schedules'],
    ['Webhooks', '/webhooks'],
    ['System', '/system'],
  ] as const) {
    await places.getByRole('link', { name, exact: true }).click();
    await isAt(pathname);
  }
  // within a place as well: by a link, by a key, and on the way back
  await page.getByRole('table', { name: 'Queues' }).getByRole('link').first().click();
  await isAt('/jobs');
  for (const [name, place] of [
    ['Schedules', '/schedules'],
    ['Webhooks', '/webhooks'],
  ] as const) {
    await places.getByRole('link', { name, exact: true }).click();
    await page.locator(`main .head a[href*="${place}/new"]`).click();
    await isAt(`${place}/new`);
    await page.locator('.crumbs a').click();
    await isAt(place);
    await page.keyboard.press('c');
    await isAt(`${place}/new`);
    await page.locator('h1').click(); // a field has the keyboard
    await page.keyboard.press('Escape');
    await isAt(place);
  }
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await isAt('/load');
  await page.getByRole('grid', { name: 'Jobs due by minute' }).press('ArrowRight');
  await page.keyboard.press('Enter');
  await isAt('/jobs');
  await lookFor(ids[1] ?? '');
  await isAt(`/jobs/${ids[1]}`);
  await page.getByRole('link', { name: 'sought', exact: true }).click();
  await isAt('/jobs');
  await cyan.waitFor();
  await page.keyboard.press('v');
  await page.getByLabel('Save what the list shows as').fill('In Tokyo');
  await page.keyboard.press('Enter');
  await page.getByText('Saved as “In Tokyo”.').waitFor();
  await page.keyboard.press('Escape');

  await page.goto(`${stack().httpUrl}/jobs?tag=sought`);
  await cyan.getByText(new Date(dueAt).toLocaleTimeString('en-GB', clock)).waitFor();
  await page.getByLabel('Time zone', { exact: true }).selectOption('UTC');
  await page.waitForURL(/zone=UTC/);
  await page.getByRole('link', { name: 'In Tokyo' }).click();
  await page.waitForURL(/zone=Asia/); // it was saved with that
});
