import { pageOf, userOf } from './stack';

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
  await page.getByText('Skip', { exact: true }).first().click();
  await page.getByText('It does not run that day.').waitFor();

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

test('a schedule rests, goes on and runs once by hand; one occurrence is moved, another cancelled', async () => {
  const { body } = await userOf('me').post('/v1/schedules', {
    name: 'Hourly',
    timing: { cron: `${(new Date().getUTCMinutes() + 30) % 60} * * * *` }, // not while this is looked at
    timeZone: 'Europe/Berlin',
    job: { location: 'print:' },
  });
  const { scheduleId } = body as unknown as Made; // a schedule's answer
  const page = await pageOf('me', `/schedules/${scheduleId}`);
  await page.getByRole('button', { name: 'Pause' }).click();
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
  await page.getByRole('button', { name: 'Cancel' }).nth(3).click();
  await page
    .locator('.occurrences')
    .getByText(/it was cancelled/)
    .waitFor();
  await page.context().close();
});
