import type { Page } from 'playwright-core';
import { until } from '../../support/until';
import { verified, webhookTarget, type WebhookTarget } from '../../support/webhook-target';
import { findings } from './seeing';
import { inSeconds, pageOf, stack, userOf } from './stack';

// webhooks in the browser, and what arrives at the program that is told

let target: WebhookTarget;
beforeAll(async () => {
  target = await webhookTarget();
});
afterAll(async () => {
  await target.close();
});

type Registered = { readonly webhookId: string; readonly secret: string };

const waitingOf = (body: object): number | undefined => (body as { waiting?: number }).waiting;

/** One that is told of jobs with this tag alone. */
const register = async (tag: string, eventTypes = ['job.succeeded']): Promise<Registered> => {
  const asked = { url: target.url(`/${tag}`), eventTypes, tags: [tag] };
  const { status, body } = await userOf('me').post('/v1/webhooks', asked);
  expect(status).toBe(201);
  return body as unknown as Registered; // a webhook's answer
};

const untilCalls = (tag: string, count: number) =>
  until(
    () => {
      const calls = target.calls(`/${tag}`);
      return calls.length >= count ? calls : undefined;
    },
    { what: `/${tag} was called ${count} times` },
  );

/** The line of one delivery, opened. */
const openFirst = async (page: Page): Promise<void> => {
  await page.locator('.delivery').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What is sent' }).waitFor();
};

const secretOn = async (page: Page): Promise<string> =>
  (await page.locator('.secret code').textContent()) ?? '';

test('one who has none is told what to do; by keys alone one is registered, tested, and told of a job: the published verifier takes all of it', async () => {
  const page = await pageOf('me', '/jobs');
  await page.getByRole('link', { name: 'Webhooks' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
  await page.getByText('curl ').waitFor();
  await page.keyboard.press('c');
  await page
    .getByRole('heading', { name: 'A program is told when a job succeeds or fails' })
    .waitFor();
  await page.keyboard.type('ftp://example.com/hooks');
  await page.keyboard.press('Enter');
  await page.getByText(/begin with https:\/\/ or http:\/\//).waitFor();

  await page.getByLabel('Address').fill(target.url('/keys'));
  await page.getByLabel('Only with one of these tags').fill('keys');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /succeeds or fails, with tag keys/ }).waitFor();
  await page.getByRole('button', { name: 'Register it' }).press('Enter');
  await page.getByRole('heading', { name: 'It is registered' }).waitFor();
  const secret = await secretOn(page);
  expect(secret).toMatch(/^whsec_/);
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Send a test' }).press('Enter');
  await page.getByText('It came: the answer was 204.').waitFor();
  const [test] = await untilCalls('keys', 1);
  expect(test && verified(secret, test)).toMatchObject({ type: 'webhook.test' });

  await page.getByRole('link', { name: 'I have kept the secret' }).press('Enter');
  await page.locator('.head .status-active').waitFor();
  const tags = ['keys'];
  const jobId = await userOf('me').schedule(Date.now(), { name: 'Told', tags });
  const [, told] = await untilCalls('keys', 2);
  expect(told && verified(secret, told)).toMatchObject({
    ...{ type: 'job.succeeded', data: { jobId, name: 'Told', tags } },
  });
  await page.getByRole('button', { name: '1 new' }).press('Enter');
  await page.locator('.delivery').filter({ hasText: 'job.succeeded' }).waitFor();

  // the secret was shown once: it is nowhere any more, neither on the page nor in what the browser keeps
  await page.reload();
  await page.locator('.head .status-active').waitFor();
  const kept =
    'document.documentElement.innerHTML + JSON.stringify([{...sessionStorage}, {...localStorage}, history.state])';
  expect(await page.evaluate(kept)).not.toContain('whsec_');
  await page.context().close();
});

test('what a program refused is seen with its answer and sent again, each time under the same id', async () => {
  const { webhookId, secret } = await register('again');
  let isMended = false;
  target.answers('/again', (response) => {
    response.writeHead(isMended ? 200 : 503).end(isMended ? 'taken' : 'the ledger is locked');
  });
  const jobId = await userOf('me').schedule(Date.now(), { tags: ['again'] });
  await untilCalls('again', 1);
  const page = await pageOf('me', `/webhooks/${webhookId}?jobId=${jobId}`);
  await openFirst(page);
  await page.getByText('the ledger is locked').waitFor();
  await page.getByLabel('What is sent').getByText(jobId).waitFor();
  await page.getByText('the target answered 503').waitFor();
  expect(await findings(page)).toEqual([]);

  isMended = true; // from now on it may also be tried again by itself
  const line = page.locator('.deliveries > li').first();
  expect(await line.locator('summary time').getAttribute('title')).toMatch(/\n.*T.*Z$/);
  await line.getByRole('button', { name: /Send it (now|again)/ }).press('Enter');
  await line.locator('.status-delivery-delivered').waitFor();
  await line.getByLabel('The answer').getByText('taken').waitFor();
  const before = target.calls('/again').length;
  await line.getByRole('button', { name: 'Send it again' }).press('Enter');
  await untilCalls('again', before + 1);
  await line.locator('.status-delivery-delivered').waitFor();
  const calls = await until(
    async () => {
      const seen = target.calls('/again'); // it may have been tried again by itself meanwhile
      return (await line.getByText(`${seen.length} attempts`).isVisible()) ? seen : undefined;
    },
    { what: 'the page tells as many attempts as the target saw' },
  );
  expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
  const bodies = calls.map((call) => JSON.stringify(verified(secret, call)));
  expect(new Set(bodies).size).toBe(1);
  await page.context().close();
});

test('a new secret is shown once, and the one before signs as long as was chosen: a day, or no longer', async () => {
  const { webhookId, secret } = await register('rotated');
  const page = await pageOf('me', `/webhooks/${webhookId}`);
  const rotate = async (choose?: string): Promise<string> => {
    await page.getByRole('button', { name: 'New secret…' }).press('Enter');
    if (choose !== undefined) await page.getByLabel(choose).check();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a new secret' }).press('Enter');
    await page.getByRole('dialog', { name: 'The new secret' }).waitFor();
    const made = await secretOn(page);
    await page.getByRole('button', { name: 'I have kept it' }).press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    return made;
  };
  const told = async (): Promise<NonNullable<ReturnType<WebhookTarget['calls']>[number]>> => {
    const before = target.calls('/rotated').length;
    const { position } = (
      await userOf('me').post('/v1/jobs', {
        ...{ name: 'x', dueAt: inSeconds(0), location: 'print:', tags: ['rotated'] },
      })
    ).body;
    expect(position).toBeDefined();
    const call = (await untilCalls('rotated', before + 1)).at(-1);
    if (!call) throw new Error('one came');
    await until(
      async () => waitingOf((await userOf('me').get(`/v1/webhooks/${webhookId}`)).body) === 0,
    );
    return call;
  };

  const second = await rotate();
  await page.getByText(/signs as well until/).waitFor();
  const both = await told();
  expect(verified(second, both)).toEqual(verified(secret, both));

  const third = await rotate('no longer');
  const only = await told();
  expect(verified(third, only)).toMatchObject({ type: 'job.succeeded' });
  for (const old of [secret, second]) expect(() => verified(old, only)).toThrow();
  expect(await page.content()).not.toContain('whsec_');
  await page.context().close();
});

test('one that answers 410 is off, the page says why and what to do; turned on, it gets what waited', async () => {
  const { webhookId } = await register('gone');
  let isGone = true;
  target.answers('/gone', (response) => {
    response.writeHead(isGone ? 410 : 204).end();
  });
  await userOf('me').schedule(Date.now(), { tags: ['gone'] });
  await untilCalls('gone', 1);
  const page = await pageOf('me', `/webhooks/${webhookId}`);
  await page.getByText(/Its address answered 410/).waitFor();
  await openFirst(page);
  await page.getByText('Turn the webhook on to send it again.').waitFor();
  isGone = false;
  await page.getByRole('button', { name: 'Turn it on' }).press('Enter');
  await page.locator('.head .status-active').waitFor();
  await page.locator('.status-delivery-delivered').waitFor();
  const [first, second] = target.calls('/gone');
  expect(second?.id).toBe(first?.id);
  await page.context().close();
});

test('of two who change it at once the second is told; what is removed is told of nothing more', async () => {
  await register('kept');
  await register('kept-as-well');
  const { webhookId } = await register('changed');
  const page = await pageOf('me', `/webhooks/${webhookId}`);
  await page.getByRole('button', { name: 'Change…' }).press('Enter');
  const asked = { url: target.url('/changed'), eventTypes: ['job.expired'] };
  expect((await userOf('me').put(`/v1/webhooks/${webhookId}`, asked)).status).toBe(200);
  await page.getByLabel('What it is for').fill('mine');
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await page.getByText(/Somebody was faster/).waitFor();
  await page.getByRole('button', { name: 'Leave it' }).press('Enter');
  await page.getByText('a job expires').waitFor();

  await page.getByRole('button', { name: 'Change…' }).press('Enter');
  await page.getByRole('checkbox', { name: 'is cancelled' }).check();
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await page.getByText('a job is cancelled or expires').waitFor();

  await page.getByRole('button', { name: 'Remove…' }).press('Enter');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Remove it' }).press('Enter');
  await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
  await page.getByRole('link', { name: target.url('/kept'), exact: true }).waitFor();
  expect(await page.getByRole('link', { name: target.url('/changed') }).count()).toBe(0);
  // the others are gone through by keys, and so is what can be done to one
  const focused = async (): Promise<string> =>
    String(await page.evaluate('document.activeElement.textContent'));
  const [first = '', second = ''] = await page.locator('.webhooks th a').allTextContents();
  for (const [key, url] of [
    ['j', first],
    ['j', second],
    ['k', first],
  ] as const) {
    await page.keyboard.press(key);
    expect(await focused()).toBe(url);
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: first }).waitFor();
  await page.keyboard.press('.');
  expect(await focused()).toBe('Send a test');
  await page.goto(`${stack().httpUrl}/webhooks/${webhookId}`);
  await page.getByText('There is no such webhook').waitFor();
  await page.context().close();
});
