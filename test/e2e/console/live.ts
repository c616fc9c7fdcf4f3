import type { Page, Request } from 'playwright-core';
import { until } from '../../support/until';
import { readOnce } from './rows';
import { inSeconds, newPage, pageOf, signIn, stack, userOf } from './stack';

// what a page shows is what is: whatever came while it was opened, left, or looked at by another clock

const HOUR_S = 3_600;

const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const fresh = (page: Page) => page.getByRole('button', { name: /new$/ });

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

test('a list that is opened again has what came while it was not shown', async () => {
  const [jobId = ''] = await scheduleMany(['Again and before']);
  const page = await pageOf('operator', '/jobs?q=Again and');
  await rowOf(page, 'Again and before').waitFor();
  const chips = page.getByRole('navigation', { name: 'Jobs by status' });
  const all = chips.getByRole('link', { name: /^All/ });

  await chips.getByRole('link', { name: /^Failed/ }).click();
  await page.getByText('No job fits').waitFor();
  await scheduleMany(['Again and meanwhile']);
  await all.filter({ hasText: '2' }).waitFor(); // so the page has heard of it
  await all.click();
  await rowOf(page, 'Again and meanwhile').waitFor();

  // where the window is narrow a job takes the place of the list
  await page.setViewportSize({ width: 390, height: 860 });
  await rowOf(page, 'Again and before').getByRole('link').click();
  await page.locator('.head .status-scheduled').waitFor();
  await scheduleMany(['Again and away']);
  await userOf('operator').post(`/v1/jobs/${jobId}/cancel`);
  await page.locator('.head .status-cancelled').waitFor(); // so it has heard of what was before
  await page.goBack();
  await rowOf(page, 'Again and away').waitFor();
  expect(await fresh(page).count()).toBe(0);
  await page.context().close();
});

test('what is told of a job while its list is read is kept, though the answer is from before', async () => {
  const operator = userOf('operator');
  const [jobId = '', other = ''] = await scheduleMany(['Overtaken', 'Overtaken before']);
  await operator.post(`/v1/jobs/${other}/cancel`);
  await operator.untilStatus(other, 'cancelled');
  const page = await pageOf('operator', '/jobs?q=Overtaken');
  await rowOf(page, 'Overtaken before').waitFor();
  let hasRead = (): void => undefined;
  const isRead = new Promise<void>((resolve) => (hasRead = resolve));
  let answer = (): void => undefined;
  const isAnswered = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/\/v1\/jobs\?/, async (route) => {
    const response = await route.fetch();
    hasRead();
    await isAnswered;
    await route.fulfill({ response });
  });
  const chips = page.getByRole('navigation', { name: 'Jobs by status' });
  await chips.getByRole('link', { name: /^Scheduled/ }).click();
  await isRead;
  await operator.post(`/v1/jobs/${jobId}/cancel`);
  await chips.getByRole('link', { name: /^Cancelled\s*2$/ }).waitFor(); // so the page has heard of it
  answer();
  await rowOf(page, 'Overtaken before').waitFor({ state: 'detached' }); // so the answer is shown
  await rowOf(page, 'Overtaken').locator('.status-cancelled').waitFor();
  await page.context().close();
});

test('a list that has all up to where the live line begins is read once; what is new to it is not announced over another', async () => {
  const operator = userOf('operator');
  const [jobId = ''] = await scheduleMany(['Counted at first']);
  await operator.post(`/v1/jobs/${jobId}/cancel`);
  await operator.untilStatus(jobId, 'cancelled');
  expect((await operator.get('/v1/jobs?limit=1')).headers.get('punctual-position')).toMatch(
    /^\d+$/,
  );
  const page = await newPage();
  await readOnce(page);
  const read: string[] = [];
  page.on('request', (request) => read.push(new URL(request.url()).pathname));
  await signIn(page, 'operator', '/jobs?q=Counted');
  await rowOf(page, 'Counted at first').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await scheduleMany(['Counted then', 'Counted too']);
  await page.getByRole('button', { name: '2 new', exact: true }).waitFor();
  expect(read.filter((path) => path === '/v1/jobs')).toEqual(['/v1/jobs']);
  const chips = page.getByRole('navigation', { name: 'Jobs by status' });
  const cancelled = chips.getByRole('link', { name: /^Cancelled/ });
  await cancelled.click();
  await cancelled.and(page.locator('[aria-current]')).waitFor();
  expect(await fresh(page).count()).toBe(0);
  await page.unrouteAll({ behavior: 'wait' });
  await page.context().close();
});

const mark = (page: Page) => page.getByRole('region', { name: /live$/ }).getByRole('status');

test('the mark tells how far the read model is behind also on a page that asks for nothing of it, and says so when it stands', async () => {
  const page = await pageOf('me', '/webhooks/new'); // an operator's pages ask for queues
  await mark(page)
    .getByText(/^\d+ ms behind$/)
    .waitFor();
  const { core = 0 } = (await stack().endpoints()).pids;
  process.kill(core, 'SIGSTOP'); // so nothing is projected
  try {
    await userOf('operator').post('/v1/jobs', {
      ...{ name: 'Not seen yet', dueAt: inSeconds(HOUR_S), location: 'print:' },
    });
    await until(
      async () => {
        const { headers } = await userOf('operator').get('/v1/jobs?limit=1');
        return Number(headers.get('punctual-lag-ms')) > 2_000;
      },
      { what: 'the read model is behind' },
    );
    await page.reload();
    await mark(page).getByText('Catching up').waitFor();
    await mark(page)
      .getByText(/ s behind$/)
      .waitFor();
  } finally {
    process.kill(core, 'SIGCONT');
  }
  await mark(page).getByText('Live', { exact: true }).waitFor(); // the next beat
  await mark(page)
    .getByText(/^\d+ ms behind$/)
    .waitFor();
  await page.context().close();
});

/** Whether anybody sees the page, as the browser tells it. */
const show = async (page: Page, isShown: boolean): Promise<void> => {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${String(!isShown)} });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true, value: '${isShown ? 'visible' : 'hidden'}' });
    document.dispatchEvent(new Event('visibilitychange'));`);
};

test('a page that nobody sees for a minute gives up its live line, and has what came meanwhile when it is seen again', async () => {
  const page = await newPage();
  await page.clock.install();
  const isLine = (request: Request): boolean => new URL(request.url()).pathname === '/v1/live';
  let [lines, givenUp] = [0, 0];
  page.on('request', (request) => (lines += Number(isLine(request))));
  page.on('requestfailed', (request) => (givenUp += Number(isLine(request))));
  await scheduleMany(['Unseen at first']);
  await signIn(page, 'operator', '/jobs?q=Unseen');
  await rowOf(page, 'Unseen at first').waitFor();
  await mark(page).getByText('Live', { exact: true }).waitFor();
  await show(page, false);
  for (const time of [1, 2]) {
    await page.clock.runFor(20_000);
    await scheduleMany(['Unseen, on the line']);
    await page.getByRole('button', { name: `${time} new`, exact: true }).waitFor(); // so it is not silent
  }
  await page.clock.runFor(20_000);
  await until(() => givenUp === 1, { what: 'the line is given up' });
  await scheduleMany(['Unseen, without a line']);
  expect(lines).toBe(1);
  await show(page, true);
  await rowOf(page, 'Unseen, without a line').waitFor();
  await mark(page).getByText('Live', { exact: true }).waitFor();
  expect(lines).toBe(2);
  await page.context().close();
});

test('a figure that is older than two beats is not told any more', async () => {
  const page = await newPage();
  await page.addInitScript(`
    window.passedMs = 0;
    const now = performance.now.bind(performance);
    performance.now = () => now() + window.passedMs;`);
  await signIn(page, 'me', '/webhooks/new');
  await mark(page)
    .getByText(/^\d+ ms behind$/)
    .waitFor();
  await page.evaluate('window.passedMs = 31_000');
  await mark(page).getByText('how far behind is not known').waitFor();
  await mark(page)
    .getByText(/^\d+ ms behind$/)
    .waitFor(); // the next beat
  await page.context().close();
});

test('a browser whose clock is an hour off shows and offers what is, by the clock of the server, and says so once', async () => {
  await scheduleMany(['By the clock'], {
    dueAt: inSeconds(HOUR_S / 2),
    cutoffMs: 600_000,
  });
  const page = await newPage();
  await page.addInitScript(`
    const Right = Date;
    window.Date = class extends Right {
      constructor(...given) {
        super(...(given.length === 0 ? [Right.now() + 3_600_000] : given));
      }
      static now() {
        return Right.now() + 3_600_000;
      }
    };`);
  await signIn(page, 'operator', '/jobs?q=By the clock');
  await rowOf(page, 'By the clock')
    .getByText(/^in 2\d min/)
    .waitFor();
  const told = page.getByText('The clock of this device is 1 h ahead.');
  await told.waitFor();
  await page.getByRole('button', { name: 'All right' }).click();
  await rowOf(page, 'By the clock').getByRole('link').click();
  await page.getByText(/^Yours to change for 1\d min/).waitFor();
  await page.getByRole('button', { name: 'Cancel the job' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Job', exact: true }).waitFor({ state: 'detached' });
  expect(await told.count()).toBe(0);

  // what is now there is an hour to come here
  await page.keyboard.press('t');
  await page.getByText('Not live: the past').waitFor();
  expect(Date.parse(new URL(page.url()).searchParams.get('asOf') ?? '')).toBeLessThan(
    Date.now() + 5_000,
  );
  const { body } = await userOf('operator').post('/v1/schedules', {
    ...{ name: 'By the clock', timing: { cron: '0 3 * * *' }, timeZone: 'UTC' },
    job: { location: 'print:' },
  });
  await page.goto(`${stack().httpUrl}/schedules/${body.scheduleId ?? ''}?zone=UTC`);
  await page.getByRole('button', { name: 'Run the past…' }).click();
  const to = await page.getByLabel(/^To/).inputValue();
  expect(Date.parse(`${to}Z`)).toBeLessThan(Date.now() + 5_000);
  await page.context().close();
});

/** Holds the first command of a kind until something else has come before it. */
const overtaken = async (
  page: Page,
  verb: string,
  before: () => Promise<unknown>,
): Promise<void> => {
  await page.route(
    new RegExp(`/v1/jobs/[^/]+/${verb}$`),
    async (route) => {
      await before();
      await route.continue();
    },
    { times: 1 },
  );
};

test('a change that came too late is told for what it is: the job started, its time was over, another one was faster', async () => {
  const operator = userOf('operator');
  const page = await pageOf('operator');
  const open = async (jobId: string): Promise<void> => {
    await page.goto(`${stack().httpUrl}/jobs/${jobId}`);
    await page.getByRole('group', { name: 'What can be done' }).waitFor();
  };
  const told = page.locator('.actions-told').getByRole('status');
  const nothing = 'your change came\\. Nothing was changed\\.$';

  const started = await operator.schedule(Date.now() + HOUR_S * 1_000, {
    payload: { sleepMs: 60_000 },
  });
  await open(started);
  await overtaken(page, 'cancel', async () => {
    await operator.post(`/v1/jobs/${started}/run-now`);
    await operator.untilStatus(started, 'running');
  });
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await told.getByText(new RegExp(`^It started \\d.* before ${nothing}`)).waitFor();
  await operator.post(`/v1/jobs/${started}/abort`);

  const dueAt = Date.now() + HOUR_S * 1_000;
  const endsAt = Date.now() + 5_000;
  const closed = await operator.schedule(dueAt, { cutoffMs: dueAt - endsAt });
  await open(closed);
  await overtaken(page, 'cancel', () => until(() => Date.now() > endsAt + 20));
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await told
    .getByText(new RegExp(`^The time to change it ended \\d.* before ${nothing}`))
    .waitFor();

  const failed = await operator.schedule(Date.now(), {
    ...{ payload: { sleepMs: 2_000, failTimes: 9 }, retry: { maxAttempts: 1 } },
  });
  await operator.untilStatus(failed, 'failed');
  await open(failed);
  await overtaken(page, 'redrive', async () => {
    await operator.post(`/v1/jobs/${failed}/redrive`);
    await operator.untilStatus(failed, 'running');
  });
  await page.getByRole('button', { name: 'Run it again' }).click();
  await told.getByText(new RegExp(`^It started \\d.* before ${nothing}`)).waitFor();
  await page.context().close();
});
