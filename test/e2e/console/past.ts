import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { findings, picture } from './seeing';
import { pageOf, stack, userOf } from './stack';

// the past in the browser: what stood then, and that nobody takes it for now

const HOUR_MS = 3_600_000;

type Operation = {
  readonly operationId: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
};

const slider = (page: Page) => page.getByRole('slider');

/** What axe finds, in the dark of colours alone, and whether it is wider than a phone. */
const seen = async (page: Page, name: string): Promise<readonly string[]> => {
  await picture(page, name);
  const found = [...(await findings(page))];
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, `${name}-dark`);
  for (const finding of await findings(page, ['color-contrast'])) found.push(`in dark: ${finding}`);
  await page.emulateMedia({ colorScheme: 'light' });
  const { width, height } = page.viewportSize() ?? { width: 1_280, height: 860 };
  await page.setViewportSize({ width: 360, height: 740 });
  await picture(page, `${name}-narrow`);
  const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  await page.setViewportSize({ width, height });
  return beyond === 0 ? found : [...found, `${String(beyond)} px wider than a phone`];
};

/** A job that was moved once and then cancelled. */
const cancelledJob = async (name: string, tag: string): Promise<string> => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now() + HOUR_MS, { name, tags: [tag] });
  const dueAt = new Date(Date.now() + 2 * HOUR_MS).toISOString();
  await me.post(`/v1/jobs/${jobId}/reschedule`, { dueAt, reason: 'not yet' });
  await me.post(`/v1/jobs/${jobId}/cancel`, { reason: 'no need' });
  await me.untilStatus(jobId, 'cancelled');
  return jobId;
};

test('a job goes back step by step by the keyboard: as it stood, with what differs from now, and nothing to do', async () => {
  const jobId = await cancelledJob('Went back', 'step');
  const page = await pageOf('me', `/jobs/${jobId}`);
  await page.locator('.head .status-cancelled').waitFor();
  await page.keyboard.press('t');
  await page.getByText('Not live: the past').waitFor();
  await page.getByText('Step 3 of 3').waitFor();
  await page.getByText('Nothing: it stood the same.').waitFor();

  await slider(page).focus();
  await page.keyboard.press('ArrowLeft');
  await page.locator('.head .status-scheduled').waitFor();
  await page.getByText('Step 2 of 3').waitFor();
  await until(async () => (await page.locator('.story li').count()) === 2);
  expect(
    await page
      .locator('main')
      .getByRole('button', { name: /Cancel|Move|Run/ })
      .count(),
  ).toBe(0);
  const status = page.locator('.difference').getByRole('row', { name: /^Status/ });
  expect(await status.textContent()).toBe('Statusscheduledcancelled');

  // what differs between any two steps, not only from now
  await page.getByLabel('What is different').selectOption({ index: 1 });
  await page.locator('.difference').getByRole('row', { name: /^Due/ }).waitFor();
  expect(await status.count()).toBe(0);

  // the address is all that a colleague needs
  const other = await pageOf('operator', new URL(page.url()).pathname + new URL(page.url()).search);
  await other.locator('.head .status-scheduled').waitFor();
  await other.locator('.difference').getByRole('row', { name: /^Due/ }).waitFor();
  await page.keyboard.press('Escape');
  await Promise.all([page, other].map((one) => one.context().close()));
});

test('before a job was scheduled there is none, and one is led to its first step', async () => {
  const jobId = await cancelledJob('Not yet there', 'before');
  const page = await pageOf('me', `/jobs/${jobId}?asOf=2026-01-01T00:00:00Z`);
  await page.getByText('It was not scheduled yet').waitFor();
  await page.getByRole('button', { name: 'To its first step' }).click();
  await page.locator('.head .status-scheduled').waitFor();
  await page.context().close();
});

test('a list stands as it stood: what came since is neither shown nor announced, and one key leads back to now', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now() + HOUR_MS, { name: 'Stood there', tags: ['stood'] });
  await me.untilStatus(jobId, 'scheduled');
  const then = new Date().toISOString();
  await me.post(`/v1/jobs/${jobId}/cancel`, {});
  await me.untilStatus(jobId, 'cancelled');
  const page = await pageOf('me', `/jobs?tag=stood&asOf=${then}`);
  const rows = page.getByRole('row').filter({ hasText: 'Stood there' });
  await rows.locator('.status-scheduled').waitFor();
  await page.getByText(/^As it stood on/).waitFor();
  const since = await me.schedule(Date.now() + HOUR_MS, {
    name: 'Stood there not',
    tags: ['stood'],
  });
  await me.untilStatus(since, 'scheduled');
  await rows.getByRole('link').click();
  await page.locator('.head .status-scheduled').waitFor();
  await page.goBack();
  await rows.locator('.status-scheduled').waitFor();
  expect(await rows.count()).toBe(1);
  expect(await page.getByRole('button', { name: /new$/ }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Schedule a job' }).count()).toBe(0);
  // counts of then: what came since is in none of them
  await page.getByRole('link', { name: /^Scheduled\s*1$/ }).waitFor();
  await page.getByRole('link', { name: /^Cancelled\s*0$/ }).waitFor();

  // in what the whole list differs from now, by what has changed
  await page.getByRole('button', { name: 'What is different now' }).click();
  const different = page.getByRole('region', { name: 'What is different' });
  const changed = different.getByRole('row').filter({ hasText: /^Stood thereother status/ });
  await changed.locator('.status-scheduled').waitFor();
  await changed.locator('.status-cancelled').waitFor();
  await different.getByText('was not there').waitFor();
  expect(await seen(page, 'jobs-different')).toEqual([]);
  await different.getByRole('button', { name: /^Appeared\s*1$/ }).click();
  await changed.waitFor({ state: 'detached' });
  await different.getByRole('link', { name: 'Stood there not' }).waitFor();
  // the address is all that a colleague needs; of the very moment nothing differs
  expect(page.url()).toContain('with=now&change=appeared');
  await page.goto(`${stack().httpUrl}/jobs?tag=stood&asOf=${then}&with=${then}`);
  await different.getByText('No job that fits differs.').waitFor();
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await rows.locator('.status-scheduled').waitFor();

  await page.keyboard.press('t');
  await rows.locator('.status-cancelled').waitFor();
  await page.getByRole('row').filter({ hasText: 'Stood there not' }).waitFor();
  await page.context().close();
});

test('schedules stand as they stood: under the name of then, and with nothing to make', async () => {
  const me = userOf('me');
  const rule = { timing: { cron: '0 4 * * *' }, timeZone: 'UTC', job: { location: 'print:' } };
  const { body } = await me.post('/v1/schedules', { name: 'Named at first', ...rule });
  const { scheduleId = '' } = body;
  const then = new Date().toISOString();
  const renamed = await me.put(`/v1/schedules/${scheduleId}`, { name: 'Named anew', ...rule });
  await me.get(`/v1/schedules?limit=1&after=${renamed.body.position}`);
  const page = await pageOf('me', `/schedules?asOf=${then}`);
  await page.getByRole('link', { name: 'Named at first' }).click();
  await page.getByRole('heading', { name: 'Named at first' }).waitFor();
  await page.getByText('planned').first().waitFor();
  expect(await page.getByRole('button', { name: /Move|Cancel|Pause|Delete/ }).count()).toBe(0);
  // what somebody has changed since, and nothing that changes by itself
  const different = page.getByRole('region', { name: 'What is different' });
  await different.getByRole('row', { name: 'Name Named at first Named anew' }).waitFor();
  expect(await different.getByRole('row').count()).toBe(2);
  expect(await seen(page, 'schedule-past')).toEqual([]);
  await page.goBack();
  expect(await page.getByRole('link', { name: 'New schedule' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Back to now' }).click();
  await page.getByRole('link', { name: 'Named anew' }).waitFor();
  await page.context().close();
});

test('an operation stands as it stood: at its start its jobs were being looked up, and there is nothing to stop', async () => {
  const me = userOf('me');
  const tag = 'operated';
  for (const n of [1, 2])
    await me.schedule(Date.now() + HOUR_MS, { name: `${tag} ${n}`, tags: [tag] });
  const asked = { kind: 'cancel', filter: { tag }, reason: 'sent by mistake' };
  const { body } = await me.post('/v1/operations', asked);
  const { operationId, startedAt } = body as unknown as Operation; // an answer that is no refusal is one
  await until(async () => {
    const now = (await me.get(`/v1/operations/${operationId}`)).body as unknown as Operation;
    return now.endedAt !== null;
  });
  const page = await pageOf('me', `/operations?asOf=${startedAt}`);
  const row = page.getByRole('listitem').filter({ hasText: `tagged ${tag}` });
  await row.getByText('looking its jobs up').first().waitFor();
  expect(await seen(page, 'operations-past')).toEqual([]);
  await row.getByRole('link').click();
  await page.getByText('Being looked up.').waitFor();
  await page.getByText('Not live: the past').waitFor();
  expect(
    await page
      .locator('main')
      .getByRole('button', { name: /Stop|back/ })
      .count(),
  ).toBe(0);
  expect(await seen(page, 'operation-past')).toEqual([]);
  const before = new Date(Date.parse(startedAt) - 1).toISOString();
  await page.goto(`${stack().httpUrl}/operations/${operationId}?asOf=${before}`);
  await page.getByText('It was not started yet').waitFor();
  // a moment after its end, and of its jobs one leads to the same moment
  const after = new Date().toISOString();
  await page.goto(`${stack().httpUrl}/operations/${operationId}?asOf=${after}`);
  await page.getByText('Done: 2 changed.').waitFor();
  await page.getByRole('link', { name: `${tag} 1` }).click();
  await page.locator('.head .status-cancelled').waitFor();
  await page.getByText('Not live: the past').waitFor();
  await page.context().close();
});

test('dead letters stand as they stood: what died since is not among them, and nothing can be run again from there', async () => {
  const me = userOf('me');
  const die = async (name: string): Promise<void> => {
    const doomed = { name, payload: { failTimes: 1 }, retry: { maxAttempts: 1 } };
    await me.untilStatus(await me.schedule(Date.now(), doomed), 'failed');
  };
  await die('Died then');
  const then = new Date().toISOString();
  await die('Died since');
  const page = await pageOf('me', `/dead-letters?asOf=${then}`);
  const row = page.getByRole('row').filter({ hasText: 'asked-to-fail' });
  await row.getByRole('link', { name: 'Died then' }).waitFor();
  await page.getByText('Not live: the past').waitFor();
  expect(await page.getByRole('button', { name: /Run/ }).count()).toBe(0);
  expect(await seen(page, 'dead-letters-past')).toEqual([]);
  // the jobs of the cause are those of then
  await row.getByRole('link', { name: 'asked-to-fail' }).click();
  const died = page.getByRole('row').filter({ hasText: /Died/ });
  await died.filter({ hasText: 'Died then' }).locator('.status-failed').waitFor();
  expect(await died.count()).toBe(1);
  await page.goBack();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await row.getByRole('link', { name: 'Died since' }).waitFor();
  await page.context().close();
});

test('webhooks stand as they stood: at the address of then, and with nothing to register, test or change', async () => {
  const me = userOf('me');
  const asked = { eventTypes: ['job.failed'], tags: ['none-has-it'], description: 'A partner' };
  const url = (at: string) => ({ ...asked, url: `https://hooks.example.${at}/in` });
  const { body } = await me.post('/v1/webhooks', url('com'));
  const { webhookId = '' } = body as { readonly webhookId?: string };
  const then = new Date().toISOString();
  const changed = await me.put(`/v1/webhooks/${webhookId}`, url('org'));
  await me.get(`/v1/webhooks?limit=1&after=${changed.body.position}`);
  const page = await pageOf('me', `/webhooks?asOf=${then}`);
  await page.getByRole('link', { name: 'https://hooks.example.com/in' }).waitFor();
  expect(await page.getByRole('link', { name: /Register/ }).count()).toBe(0);
  expect(await seen(page, 'webhooks-past')).toEqual([]);
  await page.getByRole('link', { name: 'https://hooks.example.com/in' }).click();
  await page.getByRole('heading', { name: 'https://hooks.example.com/in' }).waitFor();
  await page.getByText('Not live: the past').waitFor();
  expect(
    await page
      .locator('main')
      .getByRole('button', { name: /test|secret|…/ })
      .count(),
  ).toBe(0);
  expect(await seen(page, 'webhook-past')).toEqual([]);
  await page.keyboard.press('t');
  await page.getByRole('heading', { name: 'https://hooks.example.org/in' }).waitFor();
  const removed = await me.remove(`/v1/webhooks/${webhookId}`);
  await me.get(`/v1/webhooks?after=${removed.body.position}`);
  await page.context().close();
});

test('a slider on its way asks nothing: the server is asked for the moment at which it comes to rest', async () => {
  const page = await pageOf('me', '/jobs?tag=none-has-it');
  await page.keyboard.press('t');
  await page.getByText('No job stood here then').waitFor();
  const asked = new Set<string | null>();
  page.on('request', (request) => {
    const asOf = new URL(request.url()).searchParams.get('asOf');
    if (request.url().includes('/v1/') && asOf !== null) asked.add(asOf);
  });
  // time stands still meanwhile, however long a busy machine takes
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 30_000);
  const before = Number(await slider(page).inputValue());
  await slider(page).focus();
  for (let stop = 0; stop < 8; stop += 1) await page.keyboard.press('ArrowLeft');
  await until(async () => Number(await slider(page).inputValue()) === before - 8);
  expect(asked.size).toBe(0);
  await page.clock.resume();
  await until(() => asked.size > 0);
  await page.getByText('No job stood here then').waitFor();
  expect(asked.size).toBe(1);
  await page.context().close();
});

test('a moment that is none, or has not come, is told, and there is a way on', async () => {
  const page = await pageOf('me', '/jobs?asOf=yesterday');
  await page.getByText('This address names no time').waitFor();
  await page.getByLabel('Moment').fill('2026-01-01T12:00:00');
  await page.getByText('No job stood here then').waitFor();
  await page.getByLabel('Moment').fill('2099-01-01T12:00:00');
  await page.getByText('It has to be a time that has passed.').waitFor();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await page.getByRole('navigation', { name: 'Jobs by status' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.context().close();
});
