import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { gzipSync } from 'node:zlib';
import { madeUpLoad } from './made-up-load';
import { madeUpWebhookId, madeUpWebhooks } from './made-up-webhooks';
import { findings, picture } from './seeing';
import { madeUpOperations } from './made-up-operations';
import { inSeconds, newPage, pageOf, stack, userOf } from './stack';

// every page in both themes: what axe finds, what it weighs, and how it looks

let paths: Readonly<Record<string, string>> = {};
/** What is opened before one looks. */
const opened: Readonly<Record<string, string>> = { webhook: 'summary.delivery' };
const operatorPaths = { system: '/system', audit: '/audit' };

beforeAll(async () => {
  const me = userOf('me');
  const failed = await me.schedule(Date.now(), {
    name: 'Call the partner “Nord”',
    location: 'https://example.invalid/run',
    retry: { maxAttempts: 2, initialDelayMs: 100 },
    tags: ['partner'],
  });
  const waiting = [
    ['Close the books for November', 14_400, ['month-end']],
    ['Nightly export to the warehouse', 9_000, ['export']],
    ['Send invoice 2291', 240, ['invoice']],
    ['Rotate keys of tenant 17', 75, []],
    ['Charge subscription 88121', 0, ['payment']],
    ['Charge subscription 88120', 0, ['payment']],
  ] as const;
  for (const [name, seconds, tags] of waiting.slice(0, 3))
    await me.schedule(Date.parse(inSeconds(seconds)), { name, tags });
  const then = inSeconds(0);
  for (const [name, seconds, tags] of waiting.slice(3))
    await me.schedule(Date.parse(inSeconds(seconds)), { name, tags });
  await me.schedule(Date.now(), { name: 'Resize catalogue pictures', queue: 'media' });
  const { body } = await me.post('/v1/schedules', {
    name: 'Nightly reindex',
    timing: { cron: '30 2 * * 1-5' },
    timeZone: 'Europe/Berlin',
    job: { location: 'print:reindex' },
  });
  const { scheduleId = '' } = body;
  await me.untilStatus(failed, 'failed');
  const { events = [] } = (await me.get(`/v1/jobs/${failed}/events`)).body;
  const once = events.find(({ type }) => type === 'JobAttemptFailed')?.position ?? '';
  paths = {
    jobs: '/jobs',
    job: `/jobs/${failed}`,
    'jobs-past': `/jobs?asOf=${inSeconds(0)}`,
    'jobs-different': `/jobs?asOf=${then}&with=now`,
    'job-past': `/jobs/${failed}?asOf=${once}`,
    'new-job': '/jobs/new',
    schedules: '/schedules',
    // next month: all of it is to come
    schedule: `/schedules/${scheduleId}?month=${inSeconds(20 * 86_400).slice(0, 7)}`,
    'new-schedule': '/schedules/new',
    'change-schedule': `/schedules/${scheduleId}/change`,
    load: '/load',
    webhooks: '/webhooks',
    webhook: `/webhooks/${madeUpWebhookId}`,
    'new-webhook': '/webhooks/new',
    'dead-letters': '/dead-letters',
    operations: '/operations',
  };
});

/** Settled: nothing is loading any more. */
const settle = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('domcontentloaded');
  await page
    .locator(
      'main :is(.row-head + *, .difference td, .story li, .preview li, form, canvas, .plain td, .deliveries li, .items li)',
    )
    .first()
    .waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
  // what a rule comes to is asked for after the rule is shown
  await page
    .locator('main :is(.consequence, .crowding):empty')
    .first()
    .waitFor({ state: 'detached' });
};

/** Between the two themes nothing differs but colours. */
const themes = [
  ['light', undefined],
  ['dark', ['color-contrast']],
] as const;

test('axe finds nothing on any page in light or dark, wide or narrow, and nothing scrolls sideways', async () => {
  const page = await pageOf('me');
  await madeUpLoad(page);
  await madeUpWebhooks(page);
  const operation = await madeUpOperations(page);
  const operators = await pageOf('operator');
  const found: string[] = [];
  const judge = async (by: Page, name: string, isKept = true): Promise<void> => {
    for (const [colorScheme, rules] of themes) {
      await by.emulateMedia({ colorScheme });
      if (isKept) await picture(by, `${name}-${colorScheme}`);
      found.push(
        ...(await findings(by, rules)).map((finding) => `${name} in ${colorScheme}: ${finding}`),
      );
    }
  };
  /** On a phone, which colours are no other for. */
  const judgeNarrow = async (by: Page, name: string): Promise<void> => {
    await by.setViewportSize({ width: 360, height: 740 });
    for (const [colorScheme] of themes.toReversed()) {
      await by.emulateMedia({ colorScheme });
      await picture(by, `${name}-${colorScheme}-narrow`);
    }
    const beyond = await by.evaluate(`Math.max(document.documentElement.scrollWidth - innerWidth,
      ...[...document.querySelectorAll('dialog[open]')].map((it) => it.scrollWidth - it.clientWidth))`);
    if (beyond !== 0) found.push(`${name} is ${String(beyond)} px wider than a phone`);
    found.push(...(await findings(by)).map((finding) => `${name} on a phone: ${finding}`));
    await by.setViewportSize({ width: 1280, height: 860 });
  };
  const look = async (by: Page, name: string, path: string): Promise<void> => {
    await by.goto(`${stack().httpUrl}${path}`);
    await settle(by);
    if (opened[name] !== undefined) await by.locator(opened[name]).first().click();
    await judge(by, name);
    await judgeNarrow(by, name);
  };
  for (const [name, path] of Object.entries({ ...paths, operation })) await look(page, name, path);
  for (const [name, path] of Object.entries(operatorPaths)) await look(operators, name, path);
  await page.goto(`${stack().httpUrl}/jobs`);
  await settle(page);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await judge(page, 'keys', false);
  await page.keyboard.press('Escape');
  for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
  await page.getByRole('region', { name: 'Selected jobs' }).getByText('3 selected').waitFor();
  await judge(page, 'selected', false);
  await page.keyboard.press('.');
  const dialog = page.getByRole('dialog', { name: 'Change many jobs' });
  await dialog.getByText('Move', { exact: true }).click();
  await dialog.locator('.items li').first().waitFor();
  await judge(page, 'bulk');
  await judgeNarrow(page, 'bulk');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  for (const [key, name] of [
    ['f', 'Show only jobs'],
    ['v', 'View'],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name }).waitFor();
    const kept = name.toLowerCase().replaceAll(' ', '-');
    await judge(page, kept);
    await judgeNarrow(page, kept);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.drawer .story li').first().waitFor();
  await judge(page, 'job-over-list');
  expect(found).toEqual([]);
  await Promise.all([page, operators].map((one) => one.context().close()));
});

test('axe finds nothing where one signs in, in light or dark, wide or narrow', async () => {
  const page = await newPage();
  await page.goto(`${stack().httpUrl}/`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  for (const [colorScheme] of themes) {
    await page.emulateMedia({ colorScheme });
    await picture(page, `sign-in-${colorScheme}`);
    expect(await findings(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await findings(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await page.context().close();
});

const MOST_BYTES = 200_000;

/** What the browser has fetched of the console itself for what it shows, compressed. */
const weightOf = async (page: Page): Promise<number> => {
  const folder = join(__dirname, '../../../dist/console');
  const urls = await page.evaluate<readonly string[]>(
    `performance.getEntriesByType('resource').map(({ name }) => name)`,
  );
  const assets = urls.flatMap((url) => /\/assets\/[\w.-]+$/.exec(url) ?? []);
  expect(assets.some((name) => name.endsWith('.css'))).toBe(true);
  expect(assets.filter((name) => name.endsWith('.js')).length).toBeGreaterThan(1);
  return ['index.html', ...new Set(assets)]
    .map((name) => gzipSync(readFileSync(join(folder, name))).length)
    .reduce((sum, bytes) => sum + bytes, 0);
};

test('what one sees weighs 200 kB at most, compressed, all that it loads counted: where one signs in, lists, one of each, and what has no form to fill in', async () => {
  const stranger = await newPage();
  await stranger.goto(`${stack().httpUrl}/`);
  await stranger.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await weightOf(stranger)).toBeLessThanOrEqual(MOST_BYTES);
  const page = await pageOf('me');
  await madeUpWebhooks(page);
  const operation = await madeUpOperations(page);
  for (const name of ['jobs', 'job', 'schedule', 'webhook'] as const) {
    await page.goto(`${stack().httpUrl}${paths[name] ?? ''}`);
    await settle(page);
    expect(await weightOf(page)).toBeLessThanOrEqual(MOST_BYTES);
  }
  for (const path of [operation, ...Object.values(operatorPaths)]) {
    await page.goto(`${stack().httpUrl}${path}`);
    await page.locator('h1').waitFor(); // of some the refusal, which is on the same page
    expect(await weightOf(page)).toBeLessThanOrEqual(MOST_BYTES);
  }
  await Promise.all([stranger, page].map((one) => one.context().close()));
});
