import type { Browser, Page } from 'playwright-core';
import type { AfterBurst } from './status-burst';

/** What a page noted of itself since it was watched. */
export type Watched = {
  /** Milliseconds of each task of more than 50 that kept the page from answering. */
  readonly longTasks: readonly number[];
  /** From each key to the paint after it; none of less than 16 ms. */
  readonly keys: readonly number[];
};

const WATCH = `(() => {
  const watched = (window.watched = { longTasks: [], keys: [] });
  const note = (type, into, more) =>
    new PerformanceObserver((list) => {
      for (const { duration, name } of list.getEntries())
        if (type !== 'event' || name === 'keydown') into.push(Math.round(duration));
    }).observe({ type, ...more });
  note('longtask', watched.longTasks, {});
  note('event', watched.keys, { durationThreshold: 16 });
})()`;

/** As many new jobs the page tells apart; of more it says "1,000+". */
const MOST_NEW = 1_000;

/** Whether rows, counts and what is new are those of the end. */
const truthOf = ({ cancelled, succeeded, scheduled }: AfterBurst): string => `(() => {
  const digits = (text) => Number(text.replace(/\\D/g, ''));
  const chips = [...document.querySelectorAll('nav[aria-label="Jobs by status"] a')];
  const counted = (name) => digits(chips.find(({ textContent }) => textContent.startsWith(name))?.textContent ?? '');
  const rows = document.querySelectorAll('.rows-body .status');
  const fresh = document.querySelector('.chip-fresh')?.textContent ?? '';
  return counted('Cancelled') === ${cancelled} && counted('Succeeded') === ${succeeded} &&
    counted('Scheduled') === ${scheduled} && digits(fresh) === ${Math.min(scheduled, MOST_NEW)} &&
    rows.length > 0 && [...rows].every(({ classList }) => classList.contains('status-cancelled'));
})()`;

/** Begins to note how the page fares. */
export const watchPage = async (page: Page): Promise<void> => {
  await page.evaluate(WATCH);
};

export const watchedOf = async (page: Page): Promise<Watched> =>
  await page.evaluate<Watched>('window.watched');

/** Looks with each frame. @returns when all was first shown as it is in the end, by the wall clock in milliseconds */
export const untilTrue = async (page: Page, after: AfterBurst): Promise<number> =>
  Number(
    await page.evaluate(`new Promise((resolve) => {
      const look = () => (${truthOf(after)} ? resolve(Date.now()) : requestAnimationFrame(look));
      look();
    })`),
  );

/** Address of the list of jobs that signs in, once. */
const listLink = async (httpUrl: string, key: string): Promise<string> => {
  const response = await fetch(`${httpUrl}/v1/sign-in-codes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { code } = (await response.json()) as { readonly code: string }; // the product's own answer
  return `${httpUrl}/jobs#sign-in=${code}`;
};

/** Signs in and opens the list of jobs, in a browser that has nothing of it. @returns after how long it had rows */
export const openList = async (
  browser: Browser,
  httpUrl: string,
  key: string,
): Promise<{ readonly page: Page; readonly loadMs: number }> => {
  const link = await listLink(httpUrl, key);
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  const fromMs = performance.now();
  await page.goto(link);
  await page.locator('.rows-body .status').first().waitFor();
  const loadMs = performance.now() - fromMs;
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, loadMs };
};
