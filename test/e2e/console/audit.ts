import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { pageOf, stack, userOf } from './stack';

// the tools of the log, begun and watched in the browser

/** What a button hands to the browser as a file. */
const saved = async (page: Page, button: Locator): Promise<string> => {
  const saving = page.waitForEvent('download');
  await button.click();
  return await readFile(await (await saving).path(), 'utf8');
};

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('a user is told that the log is for operators, and the tools are refused', async () => {
  const page = await pageOf('me', '/audit');
  await page.getByRole('heading', { name: 'For operators' }).waitFor();
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  expect((await userOf('me').post('/v1/tools/verify', {})).status).toBe(403);
  await page.context().close();
});

test('an operator verifies the log with its seals, looks at another page meanwhile, and finds what it told', async () => {
  const page = await pageOf('operator');
  await page.getByRole('link', { name: 'Audit' }).click();
  const verify = panel(page, 'Verify');
  await verify.getByRole('button', { name: 'Verify' }).click();
  await page.getByRole('link', { name: 'Load' }).click();
  await page.getByRole('heading', { name: 'Load' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await verify.getByText('No violation.').waitFor();
  await verify.getByText(/events of [\d,]+ jobs.*: 0 violations/).waitFor();
  await verify.getByText(/sealed blocks/).waitFor();
  await page.getByRole('link', { name: 'System', exact: true }).first().click();
  await page.getByText(/^The log was verified by .*with their seals, 0 violations/).waitFor();
  await page.context().close();
});

test('a replay compares, and then exchanges the tables under the lists that are read', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now() + 3_600_000, { name: 'Kept by a replay' });
  const page = await pageOf('operator', '/audit');
  const replay = panel(page, 'Replay');
  await replay.getByRole('button', { name: 'Compare' }).click();
  await replay.getByText('Done: the tables are as the log says.').waitFor();
  await replay.getByText(/were compared, and the live ones stay/).waitFor();
  await replay.getByText('Rebuild and exchange', { exact: true }).first().click();
  await replay.getByRole('button', { name: 'Rebuild and exchange' }).click();
  await replay.getByText(/the rebuilt tables are live now/).waitFor();
  expect((await me.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ status: 'scheduled' });
  await page.context().close();
});

test('an export of one job is a file with its proofs; one of a job that is not there is refused in words', async () => {
  const jobId = await userOf('me').schedule(Date.now());
  await userOf('me').untilStatus(jobId, 'succeeded');
  const page = await pageOf('operator', '/audit');
  const part = panel(page, 'Export');
  await part.getByText('One job').click();
  await part.getByLabel('Id of the job').fill('00000000-0000-4000-8000-000000000000');
  await part.getByRole('button', { name: 'Export' }).click();
  await part.getByRole('alert').waitFor();
  await part.getByLabel('Id of the job').fill(jobId);
  // until the archivist has sealed its block
  const whole = part.getByText('The file is whole, with its proofs.');
  for (let isWhole = false; !isWhole;) {
    await part.getByRole('button', { name: 'Export' }).click();
    await part.locator('.verdict').or(part.getByRole('alert')).waitFor();
    isWhole = (await whole.count()) > 0;
  }
  const text = await saved(page, part.getByRole('button', { name: /^Save the file/ }));
  expect(text).toContain(jobId);
  expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ kind: 'end' });

  await page.goto(`${stack().httpUrl}/jobs/${jobId}`);
  await page.getByText(/^Events of the log/).click();
  const proof = await saved(page, page.getByRole('button', { name: 'Download with its proof' }));
  expect(proof).toBe(text);
  const events = await saved(page, page.getByRole('button', { name: 'Download as JSON' }));
  expect(JSON.parse(events)).toEqual(
    (await userOf('me').get(`/v1/jobs/${jobId}/events`)).body.events,
  );
  await page.context().close();
});

test('a user takes the events of his job along, and the proof, which counts the events of all, is not for him', async () => {
  const me = userOf('me');
  const jobId = await me.schedule(Date.now() + 3_600_000, { name: 'Taken along' });
  const page = await pageOf('me', `/jobs/${jobId}`);
  await page.getByText(/^Events of the log/).click();
  await page.getByText('An operator can hand you the proof').waitFor();
  const events = await saved(page, page.getByRole('button', { name: 'Download as JSON' }));
  expect(JSON.parse(events)).toEqual((await me.get(`/v1/jobs/${jobId}/events`)).body.events);
  expect(await page.getByRole('button', { name: 'Download with its proof' }).count()).toBe(0);
  expect((await me.post('/v1/tools/export', { job: jobId })).status).toBe(403);
  await page.context().close();
});

test('a simulation tells how late jobs would be; a long one is stopped, and what makes no sense is told', async () => {
  const page = await pageOf('operator', '/audit');
  const part = panel(page, 'Simulate');
  const begin = part.getByRole('button', { name: 'Simulate' });
  await part.getByText('Made up', { exact: true }).click();
  await part.getByLabel('Made up as').fill('jobs=1000,over=1h,pattern=uniform');
  await begin.click();
  await part.getByText(/^1,000 jobs, late p50/).waitFor();
  await part.getByLabel('Made up as').fill('jobs=many');
  await begin.click();
  await part.getByText('What was asked for makes no sense, as told below.').waitFor();
  await part.getByLabel('Made up as').fill('jobs=5000000,over=24h,pattern=uniform');
  await begin.click();
  await part.getByRole('button', { name: 'Stop' }).click();
  await part.getByText('Stopped.').waitFor();
  await page.context().close();
});
