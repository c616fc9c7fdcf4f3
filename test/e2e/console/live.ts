import type { Page } from 'playwright-core';
import { inSeconds, newPage, pageOf, signIn, userOf } from './stack';

// what a page shows is what is: whatever came while it was opened, left, or looked at by another clock

const HOUR_S = 3_600;

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

/** Jobs of the operator, which the read model has. */
const scheduleMany = async (
  names: readonly string[],
  more: object = {},
): Promise<readonly string[]> => {
  const operator = userOf('operator');
  const job = { dueAt: inSeconds(HOUR_S), location: 'print:', ...more };
  const { body } = await operator.post('/v1/jobs/batch', {
    jobs: names.map((name) => ({ ...job, name })),
  });
  await operator.get(`/v1/jobs?limit=1&after=${body.results?.at(-1)?.job?.position ?? ''}`);
  return body.results?.map(({ job: made }) => made?.jobId ?? '') ?? [];
};

test('what comes after the list was read and before the live line is open is shown: the line begins with what comes then', async () => {
  const page = await newPage();
  let open = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  await page.route(/\/v1\/live/, async (route) => {
    await isOpen;
    await route.continue();
  });
  await signIn(page, 'operator', '/jobs?q=In between');
  await page.getByText('No job fits').waitFor();
  await scheduleMany(['In between']);
  open();
  await rowOf(page, 'In between').waitFor();
  await page.context().close();
});

test('what another one does to schedules is seen by who looks at them: the list, one of them and its story', async () => {
  const operator = userOf('operator');
  const { body } = await operator.post('/v1/schedules', {
    ...{ name: 'Of two', timing: { cron: '0 3 * * *' }, timeZone: 'Europe/Berlin' },
    job: { location: 'print:' },
  });
  const { scheduleId = '' } = body;
  const [list, one] = [await newPage(), await newPage()];
  // without the live line: it tells of jobs, whichever change meanwhile
  for (const page of [list, one]) await page.route(/\/v1\/live/, () => undefined);
  await signIn(list, 'operator', '/schedules?q=Of two');
  await rowOf(list, 'Of two').locator('.status-active').waitFor();
  await signIn(one, 'operator', `/schedules/${scheduleId}`);
  await one.locator('.head .status-active').waitFor();
  await one.locator('.story').waitFor();

  await operator.post(`/v1/schedules/${scheduleId}/pause`);
  await one.locator('.head .status-paused').waitFor();
  await one
    .locator('.story')
    .getByText(/paused/)
    .waitFor();
  await rowOf(list, 'Of two').locator('.status-paused').waitFor();
  await Promise.all([list, one].map((page) => page.context().close()));
});
