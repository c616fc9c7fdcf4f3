import { setTimeout as sleep } from 'node:timers/promises';
import { httpClient } from './http-client';
import { latest } from './latest';
import { inFlight } from './pace';
import { endingsOf, untilFinished } from './read-model';
import { onRig, type Rig } from './rig';
import type { Row } from './row';
import { ofRuns } from './statistics';
import { settle } from './warm-up';

const JOBS = 10_000;
const BATCH = 500;
const RUNS = 3;
/** Long enough to schedule all of them and to have them in the read model. */
const AHEAD_MS = 8_000;
const FINISH_WITHIN_MS = 60_000;

/** 10,000 jobs due at one instant. */
export const burst = async (rig: Rig) => {
  const { database, scheduleBatch, urls, projected } = rig;
  const dueAt = Date.now() + AHEAD_MS;
  const http = httpClient(urls.httpUrl, 4);
  const dueAts = Array.from({ length: BATCH }, () => dueAt);
  const last = latest();
  await inFlight(4, JOBS / BATCH, async (batch) => {
    for (const { position } of await scheduleBatch(http, batch, dueAts)) last.see(position);
  });
  http.close();
  await projected.reached(last.get());
  const spareMs = dueAt - Date.now();
  await sleep(Math.max(0, spareMs));
  const leftBehind = await untilFinished(rig, last.get(), FINISH_WITHIN_MS, dueAt);
  const visibleAt = projected.lastNoticeAt(); // nothing but these jobs changes anything
  const endings = await endingsOf(database, dueAt, dueAt + 1);
  return {
    finishedMs: endings.lastFinishedAt - dueAt,
    finishedAndVisibleMs: visibleAt - dueAt,
    startLateP50Ms: endings.startLateP50Ms,
    leftBehind: leftBehind + JOBS - endings.succeeded,
    early: endings.early,
    scheduledBeforeMs: spareMs,
  };
};

/** Many jobs due at one instant, until the read model shows the end of the last. */
export const dueAtOnce: Row = {
  name: 'due-at-once',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const runs = [];
      const stopCounting = await rig.cpu.start();
      for (let run = 1; run <= RUNS; run++) {
        options.note(`${JOBS} jobs due at one instant, run ${run} of ${RUNS}`);
        runs.push(await burst(rig));
      }
      const use = await stopCounting(RUNS * JOBS);
      return [
        {
          of: '10,000 jobs',
          ...ofRuns(runs),
          target: [
            { of: 'finishedAndVisibleMs', atMost: 4_000 },
            { of: 'leftBehind', atMost: 0 },
            { of: 'early', atMost: 0 },
          ],
          stretch: [{ of: 'finishedAndVisibleMs', atMost: 2_000 }],
          ...use,
        },
      ];
    }),
};
