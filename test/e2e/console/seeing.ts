import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

// what axe finds on a page, how it looks, what it says while one waits, and what moves by itself

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** Where pictures are wanted: `PICTURES=docs/console npx jest test/e2e/console.test.ts`. */
const pictures = process.env['PICTURES'];

type Finding = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** @param rules  all of them unless told */
export const findings = async (
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> => {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  // what passes is counted only: axe would look for a selector of each of its elements
  const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  const found = await page.evaluate(`axe.run(${options}).then(({ violations }) => violations)`);
  return (found as readonly Finding[]).flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
  );
};

export const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: resolve(pictures, `${name}.png`) });
};

/** Holds what `act` sends until the page has said that it is not seen yet. */
export const untilToldSlow = async (
  page: Page,
  to: RegExp,
  act: () => Promise<unknown>,
): Promise<void> => {
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(to, async (route) => {
    if (route.request().method() !== 'GET') await isLetGo;
    await route.continue();
  });
  try {
    await act();
    await page.getByText('Sent, and not seen yet').waitFor();
  } finally {
    letGo();
  }
};

type Shifts = {
  /** The sum of it (web.dev/cls): up to 0.1 is good. */
  readonly score: number;
  /** The texts that moved. */
  readonly moved: readonly string[];
};

/** What moves by itself of what was drawn, from now on. */
export const watchShifts = async (page: Page): Promise<() => Promise<Shifts>> => {
  await page.evaluate(`
    window.shifts = { score: 0, moved: [] };
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries()) {
        if (hadRecentInput) continue;
        window.shifts.score += value;
        window.shifts.moved.push(...sources.map(({ node }) => node?.textContent ?? ''));
      }
    }).observe({ type: 'layout-shift' });`);
  return async () => await page.evaluate<Shifts>('window.shifts');
};
