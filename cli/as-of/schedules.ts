import { pastScheduleList, type PastListedSchedule } from '../../commands/schedules/past-list';
import { scheduleAsOf } from '../../commands/schedules/schedule-as-of';
import type { AsOf } from '../../domain/audit/as-of';
import {
  readScheduleStatuses,
  readSearch,
  type ScheduleFilter,
} from '../../domain/schedule/filter';
import { scheduleStatuses } from '../../domain/schedule/state';
import type { Actor } from '../../domain/events/metadata';
import { pastSnapshots } from '../../projections/queries/past/past-snapshots';
import { scheduleList } from '../../projections/queries/schedules/list';
import { timingText } from '../schedules/text';
import { reportTo } from '../report';
import type { Servers } from '../servers';
import { aligned } from '../table';
import { UsageError, type Context } from '../verb';
import { withReadModel } from './read-model';

type Given = {
  readonly owner?: string | undefined;
  readonly status?: string | undefined;
  readonly q?: string | undefined;
};

/** @throws UsageError */
export const scheduleFilterFrom = ({ owner, status, q }: Given): ScheduleFilter => {
  const statuses = status === undefined ? undefined : readScheduleStatuses(status);
  if (statuses && 'problem' in statuses)
    throw new UsageError(`--status ${status} is none of ${scheduleStatuses.join(', ')}`);
  const part = q === undefined ? undefined : readSearch(q);
  if (part && 'problem' in part)
    throw new UsageError(`--q ${JSON.stringify(q)} is no visible text`);
  return {
    ...(owner !== undefined && { ownerId: owner }),
    ...(statuses && { status: statuses.value }),
    ...(part && { q: part.value }),
  };
};

const HEADINGS = ['SCHEDULE', 'STATUS', 'NEXT', 'OWNER', 'TIMING', 'NAME'];

const cells = (one: PastListedSchedule): readonly string[] => [
  one.scheduleId,
  one.status,
  one.nextDueAt ?? '-',
  one.ownerId,
  `${timingText(one.timing)} in ${one.timeZone}`,
  JSON.stringify(one.name),
];

type Asked = {
  readonly asOf: AsOf;
  readonly actor: Actor;
  readonly filter: ScheduleFilter;
  readonly limit?: number;
};

/** Tells the list of schedules as it stood then. */
export const listPastSchedules = async (
  servers: Servers,
  asked: Asked,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withReadModel(servers, async ({ log, db }) => {
    const list = pastScheduleList({
      made: scheduleList(db).made,
      asOf: (...one) => scheduleAsOf(log, ...one),
      havingPart: pastSnapshots(db).havingPart,
    });
    const { items } = await list({ ...asked, signal: context.signal });
    if (isJson) for (const one of items) report.tell('schedule', one, '');
    else report.tell('schedules', {}, aligned([HEADINGS, ...items.map(cells)], 6).join('\n'));
  });
};
