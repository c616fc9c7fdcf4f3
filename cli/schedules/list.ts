import { apiUsage } from '../api';
import { apiList } from '../api-list';
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

export const list = apiList<Schedule>({
  what: 'schedule',
  summary: 'list schedules',
  usage,
  path: '/v1/schedules',
  filters: { status: 'status', q: 'q', owner: 'ownerId' },
  cells: ({ scheduleId, name, status, timing, timeZone, nextDueAt }) => [
    scheduleId,
    status,
    nextDueAt ?? '-',
    name,
    `${timingText(timing)} in ${timeZone}`,
  ],
});
