import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from './client';

type Coming = { readonly occurrenceAt: string };
type Schedule = { readonly scheduleId: string; readonly next: readonly Coming[] };
type Preview = {
  readonly occurrences: readonly { readonly localTime: string; readonly note?: string }[];
  readonly skipped: readonly { readonly localTime: string; readonly reason: string }[];
};
type Occurrences = {
  readonly items: readonly {
    readonly occurrenceAt: string;
    readonly status: string;
    readonly reason?: string;
  }[];
};
type Story = {
  readonly steps: readonly {
    readonly time: string;
    readonly type: string;
    readonly sentence: string;
  }[];
};

export type ScheduleStage = {
  readonly client: Client;
  readonly say: (line: string) => void;
};

const EVERY_SECONDS = 3;
const endWithinMs = 60_000;
const shown = (timestamp: string): string => timestamp.slice(11, 19);
const at = (timestamp: string): number => Date.parse(timestamp);

/** The same times over a night in which clocks jump from 02:00 to 03:00, under two choices. */
const previewed = async ({ client, say }: ScheduleStage, expect: Expect): Promise<void> => {
  const preview = async (clockChange: object): Promise<Preview> => {
    const { status, body } = await client.post<Preview>('/v1/schedules/preview', {
      timing: { cron: '30 2 * * *' },
      timeZone: 'Europe/Berlin',
      clockChange,
      from: '2027-03-27T12:00:00Z',
      count: 1,
    });
    expect('a preview', status, 200);
    return body;
  };
  const ran = (await preview({ gap: 'shift' })).occurrences[0];
  const left = await preview({ gap: 'skip' });
  say(
    'A preview of "02:30 each day in Berlin" over the night in which clocks jump to summer time:',
  );
  say(`  gap shift  next is ${ran?.localTime}: ${ran?.note}`);
  say(
    `  gap skip   next is ${left.occurrences[0]?.localTime}; ${left.skipped[0]?.localTime}: ${left.skipped[0]?.reason}`,
  );
  expect('the time with gap shift', ran?.localTime, '2027-03-28T03:30:00+02:00');
  expect('the time with gap skip', left.occurrences[0]?.localTime, '2027-03-29T02:30:00+02:00');
};

type Expect = (what: string, found: unknown, wanted: unknown) => void;

/** What is asked of one schedule, and what became of its occurrences. */
const actsOn = (client: Client, scheduleId: string, expect: Expect) => {
  const path = `/v1/schedules/${scheduleId}`;
  const ranAfter = async (instant: string): Promise<boolean> => {
    const { body } = await client.get(`/v1/jobs?scheduleId=${scheduleId}&status=succeeded`);
    return body.items.some(({ occurrenceAt = '' }) => occurrenceAt > instant);
  };
  return {
    ask: async (verb: string, body: object): Promise<Answer<Schedule>> => {
      const answer = await client.post<Schedule>(`${path}/${verb}`, body);
      expect(verb, answer.status, 200);
      return answer;
    },
    untilRanAfter: async (instant: string): Promise<void> => {
      const giveUpAt = performance.now() + endWithinMs;
      while (!(await ranAfter(instant))) {
        if (performance.now() > giveUpAt)
          throw new Error(`no run of the schedule after ${instant} within ${endWithinMs} ms`);
        await sleep(200);
      }
    },
    /** Status and reason of the one at an instant. */
    became: async (instant: string): Promise<string> => {
      const { body } = await client.get<Occurrences>(
        `${path}/occurrences?from=${instant}&to=${instant}`,
      );
      const [found] = body.items;
      return [found?.status, found?.reason].filter(Boolean).join(', ');
    },
    /** All but what was planned, of which there is much. */
    story: async (): Promise<readonly string[]> => {
      const { body } = await client.get<Story>(`${path}/story?limit=200`);
      const told = body.steps.filter(({ type }) => type !== 'OccurrencePlanned');
      return [
        ...told.map(({ time, sentence }) => `${shown(time)}  ${sentence}`),
        `and ${body.steps.length - told.length} occurrences were planned as jobs`,
      ];
    },
  };
};

/** Plays a schedule of every few seconds; answers its story, and the deviations from what was expected. */
export const playSchedule = async (stage: ScheduleStage) => {
  const { client, say } = stage;
  const deviations: string[] = [];
  const expect: Expect = (what, found, wanted) => {
    if (found !== wanted)
      deviations.push(`schedule: ${what} is ${String(found)} instead of ${String(wanted)}`);
  };
  await previewed(stage, expect);

  const made = await client.post<Schedule>('/v1/schedules', {
    name: 'every three seconds',
    timing: { cron: `*/${EVERY_SECONDS} * * * * *` },
    timeZone: 'UTC',
    job: { location: 'print:' },
  });
  expect('create', made.status, 201);
  const acts = actsOn(client, made.body.scheduleId, expect);
  const [, , third = { occurrenceAt: '' }] = made.body.next;
  await acts.ask(`occurrences/${third.occurrenceAt}/cancel`, { note: 'not this one' });
  say(
    `A schedule runs every ${EVERY_SECONDS} seconds; its run of ${shown(third.occurrenceAt)} is cancelled.`,
  );
  await acts.untilRanAfter(third.occurrenceAt);
  const cancelled = await acts.became(third.occurrenceAt);
  expect('the cancelled run', cancelled, 'skipped, cancelled');
  say(`The schedule went on after it. ${shown(third.occurrenceAt)}: ${cancelled}.`);

  const pausedAt = Date.now();
  await acts.ask('pause', { note: 'the books are open' });
  // the one after the next: that may be starting
  const missed = (Math.floor(pausedAt / 1_000 / EVERY_SECONDS) + 2) * EVERY_SECONDS * 1_000;
  await sleep(missed + 500 - Date.now());
  const resumed = await acts.ask('resume', { note: 'they are closed' });
  const inPause = new Date(missed).toISOString();
  const [next = { occurrenceAt: '' }] = resumed.body.next;
  say(
    `The schedule was paused and resumed: ${shown(inPause)} did not run, next is ${shown(next.occurrenceAt)}.`,
  );
  expect('the next run after the pause', at(next.occurrenceAt) > missed, true);
  await acts.untilRanAfter(inPause);
  expect('the run of the pause', await acts.became(inPause), 'skipped, paused');
  return { deviations, story: await acts.story() };
};
