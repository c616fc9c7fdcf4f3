import type { Page } from 'playwright-core';
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
  expect(await focused()).toContain('Süd');
  await page.keyboard.press('Enter');
  expect(await focused()).not.toBe('Süd'); // within it
  await page.keyboard.press('Escape');
  await drawer().waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?tag=listed');
  expect(await focused()).toBe('Süd');

  await page.goto(linked);
  await page.getByRole('heading', { name: 'Ost' }).waitFor();
  expect(await drawer().count()).toBe(0);
  await page.goto(`${stack().httpUrl}/jobs?tag=listed`);
  await rowOf('West').waitFor();
});
