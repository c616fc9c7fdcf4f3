import { parseArgs } from 'node:util';
import { wholeFrom } from '../flag-values';
import { listed } from '../pages';
import { reportTo } from '../report';
import { aligned } from '../table';
import { exitCode, type Verb } from '../verb';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { timingText } from './text';

const usage = `usage: punctual schedules list [--status STATUS,…] [--q TEXT] [--owner ID] [--limit N] [--json]

Lists schedules, the newest first.

  --status STATUS,…   active, paused, completed, stopped, deleted (default: all but deleted)
  --q TEXT            part of the name
  --owner ID          for operators
  --limit N           at most so many (default 50)
${apiUsage}
`;

type Schedule = {
  readonly scheduleId: string;
  readonly name: string;
  readonly status: string;
  readonly timing: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly nextDueAt: string | null;
};

export const list: Verb = {
  summary: 'list schedules',
  usage,
  run: async (args, context) => {
    const options = {
      ...apiFlags,
      status: { type: 'string' },
      q: { type: 'string' },
      owner: { type: 'string' },
      limit: { type: 'string', default: '50' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const limit = wholeFrom('limit', values.limit);
    const { ask } = await apiFrom(values, context);
    const report = reportTo(context, values.json);
    const filter = { status: values.status, q: values.q, ownerId: values.owner };
    const found = await listed<Schedule>(ask, '/v1/schedules', filter, limit);
    const lines = aligned(
      found.items.map(({ scheduleId, name, status, timing, timeZone, nextDueAt }) => [
        scheduleId,
        status,
        nextDueAt ?? '-',
        name,
        `${timingText(timing)} in ${timeZone}`,
      ]),
      5,
    );
    for (const [index, one] of found.items.entries())
      report.tell('schedule', one, lines[index] ?? '');
    if (found.items.length === 0) context.stderr.write('no schedule\n');
    if (found.hasMore) context.stderr.write('more follow: --limit shows them\n');
    return exitCode.done;
  },
};
