import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { startBrowser } from '../test/support/browser';
import { processSeconds } from './cpu';
import { follow, type Follower } from './live-followers';
import { streams } from './names';
import { onRig, type Rig } from './rig';
import type { Measurement, Row } from './row';
import { keyOf, owners } from './stack';
import { rounded } from './statistics';
import { statusBurst } from './status-burst';
import { settle } from './warm-up';
import { openList, untilTrue, watchedOf, watchPage } from './watched-list';

const PER_SECOND = 2_000;
const SECONDS = 10;
/** More than a page of the list. */
const MOVED = 100;
const KEY_EVERY_MS = 250;
const TRUE_WITHIN_MS = 30_000;
/** A principal has twenty connections at most. */
const OPERATORS = 5;
const FOLLOWERS_OF_EACH = 20;
/** A fifth of what all changes are. */
const SLOW_BYTES_PER_SECOND = 100_000;

const operatorKey = (n: number): string => `bench-key-of-operator-${n}`;

/** Walks along the list while something else goes on. */
const walking = async <T>(page: Page, work: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  work.then(end, end);
  for (let n = 0; !isOver; n++) {
    await page.keyboard.press(n % 16 < 8 ? 'j' : 'k');
    await sleep(KEY_EVERY_MS);
  }
  return await work;
};

const max = (its: readonly number[]): number => Math.max(0, ...its);

type Circumstance = {
  readonly of: string;
  readonly ownerId: string;
  readonly followers: readonly Follower[];
};

/** One burst before the eyes of its owner. */
const measureBurst = async (
  rig: Rig,
  { of, ownerId, followers }: Circumstance,
): Promise<Measurement> => {
  const { urls, projected } = rig;
  const client = openEventStore(urls.eventstoreUrl);
  const browser = await startBrowser();
  try {
    const size = { perSecond: PER_SECOND, seconds: SECONDS, moved: MOVED };
    const burst = statusBurst(eventStoreLog(client, streams), ownerId, size);
    await projected.reached(await burst.begin());
    const { page } = await openList(browser, urls.httpUrl, keyOf(ownerId));
    await watchPage(page);
    const truth = untilTrue(page, burst.after);
    const edge = urls.pids['edge'] ?? 0;
    const secondsBefore = await processSeconds(edge);
    const startedAt = Date.now();
    const done = burst.run();
    const untilProjected = done
      .then(({ position }) => projected.reached(position))
      .then(() => Date.now());
    const { changes, changesPerSecond, position } = await walking(page, done);
    const projectedAt = await untilProjected;
    const trueAt = await Promise.race([truth, sleep(TRUE_WITHIN_MS, Number.NaN)]);
    const { longTasks, keys } = await watchedOf(page);
    const lagging = followers.filter((one) => one.position() < position).length;
    return {
      of,
      values: {
        changes,
        changesPerSecond,
        projectedPerSecond: rounded((changes * 1_000) / (projectedAt - startedAt)),
        longestTaskMs: max(longTasks),
        tasksOver50Ms: longTasks.length,
        slowestKeyMs: max(keys),
        trueAfterMs: trueAt - projectedAt,
        edgeCpuSeconds: rounded((await processSeconds(edge)) - secondsBefore),
        ...(followers.length > 0 && {
          followers: followers.length,
          followersBehind: lagging,
          followersCut: followers.reduce((sum, one) => sum + one.cuts(), 0),
        }),
      },
      target: [
        { of: 'changesPerSecond', atLeast: PER_SECOND * 0.98 },
        { of: 'longestTaskMs', atMost: 200 },
        { of: 'trueAfterMs', atMost: 1_000 },
      ],
    };
  } finally {
    await browser.close();
    await closeEventStore(client);
  }
};

/** Each has no job before. */
const WATCHERS = ['watcher-0', 'watcher-1'] as const;

const apiKeys = [
  ...[...owners, ...WATCHERS].map((owner) => `${keyOf(owner)}:${owner}:user`),
  ...Array.from({ length: OPERATORS }, (_, n) => `${operatorKey(n)}:operator-${n}:operator`),
].join(',');

/** Thousands of status changes a second before the eyes of one who looks at his list, alone and among other followers. */
export const live: Row = {
  name: 'live',
  measure: async (options) =>
    await onRig(
      options,
      async (rig) => {
        await settle(rig);
        const { httpUrl } = rig.urls;
        const of = `${PER_SECOND} changes a second for ${SECONDS} s`;
        options.note(of);
        const alone = await measureBurst(rig, {
          ...{ of, ownerId: WATCHERS[0], followers: [] },
        });
        options.note('the same beside other followers');
        const others = Array.from({ length: OPERATORS * FOLLOWERS_OF_EACH }, (_, n) =>
          follow(`${httpUrl}/v1/live`, operatorKey(n % OPERATORS)),
        );
        const slow = follow(
          `${httpUrl}/v1/live?changes=latest`,
          keyOf(WATCHERS[1]),
          SLOW_BYTES_PER_SECOND,
        );
        const beside = await measureBurst(rig, {
          of: `${of}, ${others.length} others follow, one reads slowly`,
          ...{ ownerId: WATCHERS[1], followers: others },
        });
        for (const one of [...others, slow]) one.stop();
        return [alone, { ...beside, values: { ...beside.values, slowReaderCut: slow.cuts() } }];
      },
      { env: { API_KEYS: apiKeys } },
    ),
};
