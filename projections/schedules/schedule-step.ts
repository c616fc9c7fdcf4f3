import type { RecordedEvent } from '../../domain/event-log';
import { isTombstone, scheduleIdOf } from '../../domain/ids';
import { decodeScheduleEvent } from '../../domain/schedule/stored-event';
import type { ScheduleEventType, ScheduleFact } from '../../domain/schedule/events';
import type { Timestamp } from '../../domain/time';

/** A schedule's event with its place in the log, and its time as it was written. */
export type PlacedScheduleFact = ScheduleFact & {
  readonly scheduleId: string;
  readonly position: bigint;
  readonly recordedAt: Timestamp;
};

export type PlacedOf<Type extends ScheduleEventType> = Extract<
  PlacedScheduleFact,
  { readonly type: Type }
>;

/** Events of one schedule that are written together: one, or occurrences that were planned in a row. */
export type ScheduleStep = {
  readonly scheduleId: string;
  readonly facts: readonly [PlacedScheduleFact, ...PlacedScheduleFact[]];
};

const placedFact = (event: RecordedEvent): PlacedScheduleFact => {
  const scheduleId = scheduleIdOf(event.stream);
  if (scheduleId === undefined) throw new Error(`${event.stream} is no stream of a schedule`);
  const { metadata, ...fact } = decodeScheduleEvent(event);
  return { ...fact, scheduleId, position: event.position, recordedAt: metadata.at };
};

const isPlanning = ({ type }: PlacedScheduleFact): boolean => type === 'OccurrencePlanned';

/**
 * Events of a batch in rounds: within a round each schedule has one step, and its steps come in their order.
 *
 * @throws Error for an event that cannot be read
 */
export const scheduleRounds = (
  events: readonly RecordedEvent[],
): readonly (readonly ScheduleStep[])[] => {
  const stepsOf = new Map<string, [PlacedScheduleFact, ...PlacedScheduleFact[]][]>();
  for (const event of events) {
    if (isTombstone(event.type)) continue;
    const fact = placedFact(event);
    const steps = stepsOf.get(fact.scheduleId) ?? [];
    stepsOf.set(fact.scheduleId, steps);
    const last = steps.at(-1);
    if (last && isPlanning(fact) && isPlanning(last[0])) last.push(fact);
    else steps.push([fact]);
  }
  const rounds: ScheduleStep[][] = [];
  for (const [scheduleId, steps] of stepsOf)
    for (const [round, facts] of steps.entries())
      (rounds[round] ??= []).push({ scheduleId, facts });
  return rounds;
};
