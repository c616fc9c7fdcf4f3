import type { EventMetadata } from '../events/metadata';
import { wholeEvents } from '../events/whole-event';
import { isScheduleEventType, scheduleKindOf, type ScheduleFact } from './events';

export type StoredScheduleFact = ScheduleFact & { readonly metadata: EventMetadata };

/** Reads a stored event of a schedule. @throws as `wholeEvents` says */
export const decodeScheduleEvent = wholeEvents<ScheduleFact>({
  aggregate: 'a schedule',
  isType: isScheduleEventType,
  kindOf: scheduleKindOf,
});
