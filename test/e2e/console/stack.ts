import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from '../../support/browser';
import { httpUser, type HttpUser } from '../../support/http';
import { startRunningStack, type RunningStack } from '../../support/running-stack';

// the parts of console.test.ts share one stack and one browser. This comes before all other hooks

/** A busy machine takes seconds for what should take none. */
const STEP_WITHIN_MS = 90_000;

let running: RunningStack | undefined;
let browser: Browser | undefined;
/** What no page may do: fail, break its own policy, or ask anybody but its server. */
const misdeeds: string[] = [];

beforeAll(async () => {
  [running, browser] = await Promise.all([
    startRunningStack({
      hasOwnKeys: true,
      env: {
        EXECUTOR_CONCURRENCY: '50',
        ALLOW_PRIVATE_TARGETS: 'true', // consumers of webhooks are on this machine
        CROWDED_MINUTE_JOBS: '100',
      },
    }),
    startBrowser(),
  ]);
}, 300_000); // a fresh machine gets its browser first

/** After all other hooks. */
export const stopAll = async (): Promise<void> => {
  await browser?.close();
  await running?.stop();
  expect(misdeeds).toEqual([]);
};

/** @throws Error before the tests of the file have begun */
export const stack = (): RunningStack => {
  if (!running) throw new Error('the stack is not up');
  return running;
};

export const userOf = (principal: 'me' | 'operator'): HttpUser =>
  httpUser(stack().httpUrl, stack().keyOf(principal));

/** Where the browser is meant to lose its server, what it says of it is no misdeed. */
const isOutage = (text: string): boolean =>
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|status of (401|403|404|409|412|422|503)/.test(
    text,
  );

const watch = (page: Page): Page => {
  page.on('pageerror', (error) => misdeeds.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isOutage(message.text()))
      misdeeds.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    // where the page is from, whichever of our servers that is
    const own = new URL(page.url().startsWith('http') ? page.url() : request.url()).origin;
    if (['http:', 'https:'].includes(url.protocol) && url.origin !== own)
      misdeeds.push(`asked ${request.url()}`);
  });
  return page;
};

const settings: BrowserContextOptions = {
  viewport: { width: 1280, height: 860 },
  locale: 'en-GB',
  timezoneId: 'Europe/Berlin',
  reducedMotion: 'reduce',
};

/** A window that has every row of a list in view, whatever the tests before left due ahead of it. */
export const tall: BrowserContextOptions = { viewport: { width: 1280, height: 6_000 } };

/** A browser of its own that nobody has signed in to. */
export const newPage = async (more: BrowserContextOptions = {}): Promise<Page> => {
  if (!browser) throw new Error('the browser is not up');
  const context = await browser.newContext({ ...settings, ...more });
  context.setDefaultTimeout(STEP_WITHIN_MS);
  return watch(await context.newPage());
};

/** @param httpUrl  the server that the code is for */
export const signInCodeAt = async (
  httpUrl: string,
  principal: 'me' | 'operator',
): Promise<string> => {
  const { body } = await httpUser(httpUrl, stack().keyOf(principal)).post('/v1/sign-in-codes');
  return (body as { code?: string }).code ?? '';
};

/** Signs somebody in, in a browser that was made ready for what is tried. */
export const signIn = async (
  page: Page,
  principal: 'me' | 'operator',
  path: string,
): Promise<void> => {
  await page.goto(
    `${stack().httpUrl}${path}#sign-in=${await signInCodeAt(stack().httpUrl, principal)}`,
  );
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
};

/** A browser of its own in which somebody is signed in. */
export const pageOf = async (
  principal: 'me' | 'operator',
  path = '/jobs',
  more: BrowserContextOptions = {},
): Promise<Page> => {
  const page = await newPage(more);
  await signIn(page, principal, path);
  return page;
};

export const inSeconds = (seconds: number): string =>
  new Date(Date.now() + seconds * 1_000).toISOString();
