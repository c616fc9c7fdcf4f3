import { startBrowser } from '../test/support/browser';
import { ownerOf } from './jobs';
import { inFlight } from './pace';
import { onRig } from './rig';
import type { Row } from './row';
import { keyOf } from './stack';
import { percentiles } from './statistics';
import { settle } from './warm-up';
import { openList } from './watched-list';

const LOADS = 20;
/** A page of the list. */
const JOBS = 50;
const WAITING_MS = 3_600_000;
/** Of one owner. */
const INDEX = 0;

/** How long it takes until one who comes for the first time sees his jobs: page, files, sign-in and list. */
export const firstLoad: Row = {
  name: 'first-load',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      const { schedule, projected, urls } = rig;
      await settle(rig);
      await inFlight(8, JOBS, () => schedule(INDEX, Date.now() + WAITING_MS));
      const { position } = await schedule(INDEX, Date.now() + WAITING_MS);
      await projected.reached(position);
      const browser = await startBrowser();
      try {
        const tookMs: number[] = [];
        for (let n = 0; n < LOADS; n += 1) {
          options.note(`load ${n + 1} of ${LOADS}`);
          const { page, loadMs } = await openList(browser, urls.httpUrl, keyOf(ownerOf(INDEX)));
          tookMs.push(loadMs);
          await page.close();
        }
        return [
          {
            of: `${LOADS} first loads of a list`,
            values: percentiles(tookMs),
            target: [{ of: 'maxMs', atMost: 1_000 }],
          },
        ];
      } finally {
        await browser.close();
      }
    }),
};
