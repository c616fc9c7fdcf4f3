import { setTimeout as sleep } from 'node:timers/promises';
import { scheduleCommands } from '../commands/schedules/schedule-commands';
import { calendarsBy } from '../domain/schedule/calendars';
import type { Instant } from '../domain/time';
import { systemClock } from '../infra/clock';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { uuids } from '../infra/ids';
import { pinnedZones } from '../infra/tzdata/pinned';
import { contextOf, scheduleRequest } from './jobs';
import { latest } from './latest';
import { streams } from './names';
import { inFlight } from './pace';
import { endingsOf } from './read-model';
import { onRig, type Rig } from './rig';
import type { Row } from './row';
import { rounded } from './statistics';
import { settle } from './warm-up';

const SCHEDULES = 100_000;
/** Time to create them, to plan them, and to spare. */
const AHEAD_MS = 420_000;
const PLAN_WITHIN_MS = 180_000;
const FINISH_WITHIN_MS = 300_000;
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Each once a day at that instant, of sixteen owners. @returns position of the last */
const createAll = async ({ urls }: Rig, instant: Instant): Promise<bigint> => {
  const client = openEventStore(urls.eventstoreUrl);
  const commands = scheduleCommands({
    log: eventStoreLog(client, streams),
    clock: systemClock,
    ids: uuids,
    known: { find: () => Promise.resolve(undefined) },
    calendars: calendarsBy(pinnedZones),
    jobs: {
      cancel: () => Promise.reject(new Error('no job is cancelled')),
      reschedule: () => Promise.reject(new Error('no job is moved')),
    },
  });
  const at = new Date(instant);
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  const { name, ...job } = scheduleRequest(instant).definition;
  const last = latest();
  await inFlight(64, SCHEDULES, async (index) => {
    const answer = await commands.create(
      {
        ...{ name, job, spreadMs: 0, whenStillRunning: 'allow' },
        rule: { timing: { cron }, timeZone: 'UTC' },
        whenMissed: { policy: 'fire-once' },
      },
      contextOf(index),
    );
    if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    last.see(answer.position);
  });
  await closeEventStore(client);
  return last.get();
};

const PLANNED = `
  select count(*) as planned from jobs where schedule_id is not null and due_at = to_timestamp($1::float8 / 1000)`;

/** @returns how many of them have a job */
const untilPlanned = async ({ database }: Rig, instant: Instant): Promise<number> => {
  const giveUpAt = performance.now() + PLAN_WITHIN_MS;
  for (;;) {
    const { rows } = await database.query<{ planned: string }>(PLANNED, [instant]);
    const planned = Number(rows[0]?.planned);
    if (planned >= SCHEDULES || performance.now() > giveUpAt) return planned;
    await sleep(LOOK_EVERY_MS);
  }
};

/** All schedules have one occurrence at one instant: how long until each is a job, and whether each is dispatched once. */
export const schedulesMidnight: Row = {
  name: 'schedules-midnight',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      const { plan } = (await rig.stack.endpoints()).pids;
      if (plan === undefined) throw new Error('the stack tells no process plan');
      const instant = Math.ceil((Date.now() + AHEAD_MS) / MINUTE_MS) * MINUTE_MS;
      process.kill(plan, 'SIGSTOP');
      options.note(`${SCHEDULES} schedules are created while the planner stands still`);
      let created: bigint;
      const createdFrom = performance.now();
      try {
        created = await createAll(rig, instant);
      } finally {
        process.kill(plan, 'SIGCONT');
      }
      const createSeconds = (performance.now() - createdFrom) / 1_000;
      await rig.projected.reached(created);
      options.note('they are planned');
      const plannedFrom = performance.now();
      const planned = await untilPlanned(rig, instant);
      const planSeconds = (performance.now() - plannedFrom) / 1_000;
      const spareMs = instant - Date.now();
      options.note(`${planned} of them are planned, their instant comes in ${spareMs} ms`);
      await sleep(Math.max(0, spareMs));
      const giveUpAt = performance.now() + FINISH_WITHIN_MS;
      let endings = await endingsOf(rig.database, instant, instant + 1);
      while (endings.succeeded < planned && performance.now() < giveUpAt) {
        await sleep(LOOK_EVERY_MS * 4);
        endings = await endingsOf(rig.database, instant, instant + 1);
        options.note(`${endings.succeeded} of ${planned} have run`);
      }
      return [
        {
          of: `${SCHEDULES} schedules of one instant`,
          values: {
            createSeconds: rounded(createSeconds),
            planSeconds: rounded(planSeconds),
            plannedPerSecond: rounded(planned / planSeconds),
            notPlanned: SCHEDULES - planned,
            notRun: planned - endings.succeeded,
            // scheduled, dispatched, started, succeeded
            notOnce: endings.jobs - endings.withFourEvents,
            early: endings.early,
            ranSeconds: rounded((endings.lastFinishedAt - instant) / 1_000),
            startLateP50Ms: endings.startLateP50Ms,
          },
          target: [
            { of: 'planSeconds', atMost: 60 },
            { of: 'notPlanned', atMost: 0 },
            { of: 'notRun', atMost: 0 },
            { of: 'notOnce', atMost: 0 },
            { of: 'early', atMost: 0 },
          ],
        },
      ];
    }),
};
