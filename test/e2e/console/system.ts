import { untilToldSlow } from './seeing';
import { pageOf, userOf } from './stack';

// what operators see of the system, and what they set

const NOBODYS = 'nobodys';

test('a user is told that the page is for operators: the API refuses what it would show', async () => {
  const page = await pageOf('me', '/system');
  await page.getByRole('heading', { name: 'For operators' }).waitFor();
  expect(await page.getByRole('link', { name: 'System' }).count()).toBe(0);
  const me = userOf('me');
  for (const path of ['/v1/system', '/v1/queues', '/v1/shares'])
    expect((await me.get(path)).status).toBe(403);
  await page.context().close();
});

test('an operator sees who works, and that the system is late, since when and why', async () => {
  const jobId = await userOf('me').schedule(Date.now(), { name: 'Waits', queue: NOBODYS });
  await userOf('me').untilStatus(jobId, 'queued');
  const page = await pageOf('operator');
  // on every page of an operator
  await page
    .locator('.banner')
    .getByText(/^Late since .* waits for .*no executor serves it/)
    .waitFor();
  await page.getByRole('link', { name: 'System', exact: true }).first().click();
  await page
    .locator('.verdict')
    .getByText(/^Late since .* waits for/)
    .waitFor();
  const queue = page.getByRole('table', { name: 'Queues' }).getByRole('row', { name: NOBODYS });
  await queue.locator('.waits').getByText('none', { exact: true }).waitFor();
  const working = page
    .getByRole('table', { name: 'Queues' })
    .getByRole('row', { name: /^default/ });
  const ran = await userOf('operator').schedule(Date.now(), { name: 'Runs' });
  await userOf('operator').untilStatus(ran, 'succeeded');
  await working.getByText(/^\d+ a minute$|a second$/).waitFor();
  await working.getByText(/^may be /).waitFor();
  for (const process of ['projector', 'dispatcher', 'executor-gateway', 'planner'])
    await page.getByRole('table', { name: 'Processes' }).getByText(process).first().waitFor();
  await page
    .getByRole('table', { name: 'Executors' })
    .getByText(/^reference-/)
    .first()
    .waitFor();
  await page.getByRole('table', { name: 'Dispatchers' }).getByText('256 of 256').waitFor();
  const servers = page.getByRole('table', { name: 'Servers' });
  for (const server of ['Event store', 'Read model', 'Broker'])
    await servers.getByRole('row', { name: new RegExp(`^${server}`) }).waitFor();
  expect(await servers.textContent()).toMatch(/Read model\d+\.\d+/);
  await page.getByText(/^The read model (has all|is .* behind)/).waitFor();
  await page.getByText('None: each event could be applied.').waitFor();
  await page.context().close();
  await userOf('me').post(`/v1/jobs/${jobId}/cancel`, {});
});

test('a limit is set and lifted here; of two operators who do it at once the second is told', async () => {
  const page = await pageOf('operator', '/system');
  const row = page.getByRole('table', { name: 'Queues' }).getByRole('row', { name: /^default/ });
  await row.getByRole('button', { name: 'Change the limits of default' }).click();
  await page.getByLabel('Jobs that run at once').fill('700');
  await untilToldSlow(page, /\/v1\/shares$/, () =>
    page.getByRole('button', { name: 'Set the limits' }).click(),
  );
  await row.getByText('700 at once').waitFor();

  await row.getByRole('button', { name: 'Change the limits of default' }).click();
  const others = { queues: { default: { maxRunning: 800 } }, owners: {} };
  expect((await userOf('operator').put('/v1/shares', others)).status).toBe(200);
  await page.getByLabel('Jobs that run at once').fill('');
  await page.getByRole('button', { name: 'Set the limits' }).click();
  await page.getByText('Another operator was faster.').waitFor();
  await page.getByRole('button', { name: 'Leave them' }).click();
  await row.getByText('800 at once').waitFor();

  await row.getByRole('button', { name: 'Change the limits of default' }).click();
  await page.getByLabel('Jobs that run at once').fill('');
  await page.getByRole('button', { name: 'Set the limits' }).click();
  await row.getByText('800 at once').waitFor({ state: 'detached' });
  expect((await userOf('operator').get('/v1/shares')).body).toEqual({ queues: {}, owners: {} });
  await page.context().close();
});
