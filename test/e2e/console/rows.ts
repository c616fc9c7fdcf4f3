import type { Page } from 'playwright-core';
import { until } from '../../support/until';

// rows of the list of jobs, by what is written in them

export const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

/** Lets lists say that they have all there is, so that each is read once: nothing that comes meanwhile is on it already. */
export const readOnce = async (page: Page): Promise<void> => {
  await page.route(/\/v1\/jobs\?/, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'punctual-position': String(2n ** 62n) };
    await route.fulfill({ response, headers });
  });
};

/** The list with a job that came since it was read: announced, or there already where the live line opened after it came. */
export const look = async (page: Page, name: string): Promise<void> => {
  const fresh = page.getByRole('button', { name: /new$/ });
  await until(
    async () => {
      if (await rowOf(page, name).isVisible()) return true;
      // what is announced may come by itself just then
      if (await fresh.isVisible()) await fresh.click({ timeout: 1_000 }).catch(() => undefined);
      return false;
    },
    { what: `${name} is on the list` },
  );
};
