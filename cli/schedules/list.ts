import { parseArgs } from 'node:util';
import { wholeFrom } from '../flag-values';
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

type Listed = {
  readonly scheduleId: string;
  readonly name: string;
  readonly status: string;
  readonly timing: Readonly<Record<string, string>>;
  readonly timeZone: string;
  readonly nextDueAt: string | null;
};
type Page = { readonly items: readonly Listed[]; readonly nextCursor?: string };

const PAGE = 200;

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
    const found: Listed[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: String(Math.min(PAGE, limit - found.length)),
        ...(values.status !== undefined && { status: values.status }),
        ...(values.q !== undefined && { q: values.q }),
        ...(values.owner !== undefined && { ownerId: values.owner }),
        ...(cursor !== undefined && { cursor }),
      });
      const page = await ask<Page>('GET', `/v1/schedules?${query.toString()}`);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined && found.length < limit);
    const lines = aligned(
      found.map(({ scheduleId, name, status, timing, timeZone, nextDueAt }) => [
        scheduleId,
        status,
        nextDueAt ?? '-',
        name,
        `${timingText(timing)} in ${timeZone}`,
      ]),
      5,
    );
    for (const [index, one] of found.entries()) report.tell('schedule', one, lines[index] ?? '');
    if (found.length === 0) context.stderr.write('no schedule\n');
    if (cursor !== undefined) context.stderr.write('more follow: --limit shows them\n');
    return exitCode.done;
  },
};
