import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

// what axe finds on a page, and how it looks

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
