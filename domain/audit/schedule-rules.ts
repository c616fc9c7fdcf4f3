import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import { scheduleEventTypes, scheduleKindOf, type ScheduleEventType } from '../schedule/events';
import type { AuditRule } from './audited-event';

type ScheduleRule = AuditRule<ScheduleTrace, object>;

const scheduleThatIs = (status: ScheduleTrace['status']): string =>
  status === 'none' ? 'a schedule that was not created' : `a schedule that is ${status}`;

/** The promises of every event of a type; each one out of place is told by one of these two names only. */
const placeRules = (type: ScheduleEventType): readonly ScheduleRule[] => {
  const { lawfulIn } = scheduleKindOf(type);
  const told = (isOne: (status: ScheduleTrace['status']) => boolean) => ({
    breach: ({ status }: Readonly<ScheduleTrace>) =>
      isOne(status) && !lawfulIn.includes(status)
        ? `${type} in ${scheduleThatIs(status)}`
        : undefined,
  });
  return [
    { name: 'after-the-end', ...told((status) => status === 'deleted') },
    { name: 'legal-transition', ...told((status) => status !== 'deleted') },
  ];
};

/** What an event of each type is held against, in this order. */
export const scheduleRules: ReadonlyMap<string, readonly ScheduleRule[]> = new Map(
  scheduleEventTypes.map((type) => [type, [...placeRules(type), ...scheduleKindOf(type).rules]]),
);
