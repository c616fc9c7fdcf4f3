import { parseArgs } from 'node:util';
import { reportTo, type Report } from '../report';
import { exitCode, Failure, type Verb } from '../verb';
import { apiFlags, apiFrom, apiUsage, type Api } from '../api';

const usage = `usage: punctual schedules tzdata [--apply] [--json]

Lists planned runs that the time zone data of this build has at another time than the data that planned them. Look
after an upgrade. Nothing moves by itself, nothing is moved into the past, and nothing runs twice.

  --apply             moves each to its right time, as events that say why
${apiUsage}
`;

type Displaced = {
  readonly scheduleId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly occurrences: readonly {
    readonly occurrenceAt: string;
    readonly dueAt: string;
    readonly movesTo?: string;
  }[];
};
type Page = {
  readonly tzdata: string;
  readonly items: readonly Displaced[];
  readonly nextCursor?: string;
};
type Outcome = 'moves' | 'moved' | 'stays' | 'refused';

/** What became of one run. One that has started meanwhile is refused, and is no failure of the others. */
const settle = async (
  { ask }: Api,
  { scheduleId }: Displaced,
  { occurrenceAt, movesTo }: Displaced['occurrences'][number],
  applied: string | undefined,
): Promise<{ readonly outcome: Outcome; readonly why?: string }> => {
  if (movesTo === undefined) return { outcome: 'stays' };
  if (applied === undefined) return { outcome: 'moves' };
  const path = `/v1/schedules/${scheduleId}/occurrences/${encodeURIComponent(occurrenceAt)}/move`;
  try {
    await ask('POST', path, { dueAt: movesTo, note: `time zone data ${applied}` });
    return { outcome: 'moved' };
  } catch (error) {
    if (error instanceof Failure) return { outcome: 'refused', why: error.message };
    throw error;
  }
};

const tell = (
  report: Report,
  { scheduleId, name, timeZone }: Displaced,
  run: Displaced['occurrences'][number],
  { outcome, why }: { readonly outcome: Outcome; readonly why?: string },
): void => {
  const to = run.movesTo === undefined ? 'its right time has passed' : `to ${run.movesTo}`;
  const text = `${outcome}  ${scheduleId}  ${name} (${timeZone})  ${run.dueAt} ${to}${why === undefined ? '' : `: ${why}`}`;
  report.tell('run', { scheduleId, name, timeZone, ...run, outcome, ...(why && { why }) }, text);
};

export const tzdata: Verb = {
  summary: 'list runs that newer time zone data would move, and move them',
  usage,
  run: async (args, context) => {
    const options = { ...apiFlags, apply: { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const api = await apiFrom(values, context, 'operator');
    const report = reportTo(context, values.json);
    const counts: Record<Outcome, number> = { moves: 0, moved: 0, stays: 0, refused: 0 };
    let page: Page | undefined;
    do {
      const cursor = page?.nextCursor;
      const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      page = await api.ask<Page>('GET', `/v1/schedules/displaced${query}`);
      for (const schedule of page.items)
        for (const run of schedule.occurrences) {
          const settled = await settle(api, schedule, run, values.apply ? page.tzdata : undefined);
          counts[settled.outcome] += 1;
          tell(report, schedule, run, settled);
        }
    } while (page.nextCursor !== undefined);
    const { moves, moved, stays, refused } = counts;
    const sum = values.apply
      ? `${moved} moved, ${refused} refused, ${stays} stay`
      : `${moves} would move, ${stays} stay`;
    report.tell(
      'total',
      { tzdata: page.tzdata, ...counts },
      `time zone data ${page.tzdata}: ${sum}`,
    );
    return refused > 0 ? exitCode.failed : exitCode.done;
  },
};
