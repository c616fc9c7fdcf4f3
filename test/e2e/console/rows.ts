import type { Page } from 'playwright-core';
import { until } from '../../support/until';

// rows of the list of jobs, by what is written in them

export const rowOf = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

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
