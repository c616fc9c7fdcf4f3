import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { pageOf, stack, userOf } from './stack';

// one job in the browser: what can be done to it, as long as it can

let page: Page;

beforeAll(async () => {
  page = await pageOf('me');
});

afterAll(() => page.context().close());

const open = async (jobId: string): Promise<void> => {
  await page.goto(`${stack().httpUrl}/jobs/${jobId}`);
  await page.getByRole('group', { name: 'What can be done' }).waitFor();
};
const offered = async (): Promise<readonly string[]> =>
  await page.getByRole('group', { name: 'What can be done' }).getByRole('button').allTextContents();
const act = (name: string) => page.getByRole('button', { name }).click();
const panel = (title: string) =>
  page
    .locator('section.panel')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) });
const course = (part: string) => page.locator(`.course ${part}`);
const status = (name: string) => page.locator(`.head .status-${name}`).waitFor();

test('a job that is due in an hour runs now when it is told to, and then there is nothing left to change', async () => {
  await open(await userOf('me').schedule(Date.now() + 3_600_000, { name: 'Due later' }));
  await page.getByText(/^Yours to change until it starts, in (59|1 h)/).waitFor();
  expect(await offered()).toEqual(['Move…', 'Run now', 'Cancel the job']);
  await act('Run now');
  await status('succeeded');
  await page.getByText(/moved it from .+ so that it is due at once/).waitFor();
  expect(await offered()).toEqual([]);
});

test('the time in which a job with a cut-off can be changed is counted down, and at its end nothing is offered', async () => {
  const dueAt = Date.now() + 3_600_000;
  await open(await userOf('me').schedule(dueAt, { name: 'Cut off', cutoffMs: 3_600_000 - 4_000 }));
  await page.getByText(/^Yours to change for [1-4].* more\.$/).waitFor();
  await page.getByText('No more changes: they end 59 min 56 s before it is due.').waitFor();
  expect(await offered()).toEqual([]);
});

test('a job that runs is asked to stop, and stops', async () => {
  const jobId = await userOf('me').schedule(Date.now(), {
    name: 'Endless',
    payload: { sleepMs: 120_000 },
  });
  await open(jobId);
  await status('running');
  expect(await offered()).toEqual(['Ask it to stop']);
  await act('Ask it to stop');
  await page.getByRole('status').getByText('Its executor is asked to stop.').waitFor();
  await status('aborted');
});

test('each attempt of a job is told with its lateness, its executor and its end; run again, its attempts begin afresh', async () => {
  const jobId = await userOf('me').schedule(Date.now(), {
    name: 'Third time lucky',
    payload: { failTimes: 1 },
    retry: { maxAttempts: 2, initialDelayMs: 100 },
  });
  await open(jobId);
  await status('succeeded');
  const rows = page.getByRole('table', { name: 'Attempts' }).getByRole('row');
  await rows.filter({ hasText: 'Succeeded' }).waitFor();
  const told = async () =>
    (await rows.allTextContents()).slice(1).map((text) => text.replaceAll(/\s+/g, ' '));
  expect(await told()).toEqual([
    expect.stringMatching(/^2\d\d:\d\d:\d\d\.\d{3}\d.* m?s\d.* m?sSucceededon \S/),
    expect.stringMatching(/^1\d\d:\d\d:\d\d\.\d{3}\d.* m?s\d.* m?sFailed: asked-to-fail .+on \S/),
  ]);

  const doomed = await userOf('me').schedule(Date.now(), {
    name: 'Never lucky',
    payload: { failTimes: 9 },
    retry: { maxAttempts: 1 },
  });
  await open(doomed);
  await status('failed');
  await panel('Error').getByText('asked-to-fail attempt 1 of 9').waitFor();
  expect(await offered()).toEqual(['Run it again']);
  await act('Run it again');
  // its story is read after the job itself
  await rows.filter({ hasText: 'asked-to-fail' }).nth(1).waitFor();
  await status('failed');
  expect(await told()).toEqual([
    expect.stringMatching(/^1.*asked-to-fail/),
    expect.stringMatching(/^1.*asked-to-fail/),
  ]);
});

test('a job of 300 attempts is told by how it began and how it ends, and in whole when asked, where one reads on: the page stays small', async () => {
  const jobId = await userOf('me').schedule(Date.now() + 3_600_000, { name: 'Tried often' });
  const { body } = await userOf('me').get(`/v1/jobs/${jobId}/story`);
  const { steps: [first] = [], ...story } = body as { steps?: readonly object[] };
  const steps = Array.from({ length: 912 }, (_, n) => {
    const sentence = `Step ${n}.`;
    return { ...first, revision: n, sentence };
  });
  const told = /\/v1\/jobs\/[^/]+\/story/;
  await page.route(told, (route) => route.fulfill({ json: { ...story, steps } }));
  await open(jobId);
  const items = page.locator('.story li p');
  await items.first().waitFor();
  expect(await items.allTextContents()).toEqual(
    [...steps.slice(0, 20), ...steps.slice(-30)].map(({ sentence }) => sentence),
  );
  await page.getByRole('button', { name: 'Show all 912 steps' }).press('Enter');
  await until(async () => (await items.count()) === 912);
  expect(await page.evaluate('document.activeElement.textContent')).toMatch(/Step 20\.$/);
  expect(await page.getByRole('button', { name: /^Show all/ }).count()).toBe(0);
  await page.unroute(told);
});

test('the five steps of a job are told with their times, and its result; scheduled again it is the same once more, and a form that is not answered for long says so', async () => {
  const me = userOf('me');
  const same = { name: 'Once and again', tags: ['again'], payload: { of: 'the books' } };
  const jobId = await me.schedule(Date.now(), same);
  await me.untilStatus(jobId, 'succeeded');
  const result = { rows: 12, file: 'books.csv' };
  await page.route(`**/v1/jobs/${jobId}`, async (route) => {
    const response = await route.fetch();
    const job = (await response.json()) as object; // as the API describes it
    await route.fulfill({ response, json: { ...job, result } }); // print: gives none
  });
  await open(jobId);
  expect(await course('b').allTextContents()).toEqual([
    ...['Scheduled', 'Due', 'Dispatched', 'Started', 'Succeeded'],
  ]);
  expect(await course('time').count()).toBe(5);
  expect(await course('.gap').count()).toBe(4);
  expect(JSON.parse((await panel('Result').locator('pre').textContent()) ?? '')).toEqual(result);
  expect(await panel('Error').count()).toBe(0);

  await page.getByRole('link', { name: 'Schedule again' }).click();
  await until(async () => (await page.getByLabel('Name').inputValue()) === same.name);
  let letGo = (): void => undefined;
  await page.route('**/v1/jobs', (route) => {
    letGo = () => void route.continue();
  });
  await act('Schedule it');
  await page.getByText('Sent, and not seen yet').waitFor();
  letGo();
  await page.waitForURL((url) => /^\/jobs\/[0-9a-f-]{36}$/.test(url.pathname));
  await page.unroute('**/v1/jobs');
  const again = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(again).not.toBe(jobId);
  expect(await me.untilStatus(again, 'scheduled')).toMatchObject(same);
  await course('li').filter({ hasText: 'Finished' }).getByText('not yet').waitFor();
  expect(await page.getByText('Sent, and not seen yet').count()).toBe(0);
});
