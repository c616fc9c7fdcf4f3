export type EventData = Readonly<Record<string, unknown>>;

type Lift = (data: EventData) => EventData;

/** lifts[type][i] turns version i+1 into i+2. */
export type Lifts = Readonly<Record<string, readonly Lift[]>>;

/** Never edit a lift that has shipped. No shape has changed so far. */
const productLifts: Lifts = {};

/** Written by a newer build: whoever reads it here stops, for to skip it would be a wrong answer. */
export class EventTooNew extends RangeError {
  override readonly name = 'EventTooNew';
}

/** Of a newer build, or nonsense: nobody here can tell. A reader of many streams leaves this one alone and goes on. */
export class UnknownEventType extends EventTooNew {}

export const currentVersion = (type: string, lifts: Lifts = productLifts): number =>
  (lifts[type]?.length ?? 0) + 1;

/**
 * Data of any version ever written, in the shape of the current one.
 *
 * @throws EventTooNew  for a version newer than this build knows
 * @throws RangeError   for what is no version: whole numbers from 1
 */
export const upcast = (
  type: string,
  version: number,
  data: EventData,
  lifts: Lifts = productLifts,
): EventData => {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`${type} has ${version} for a version, which is none`);
  const known = currentVersion(type, lifts);
  if (version > known)
    throw new EventTooNew(
      `${type} v${version} is newer than this build, which knows up to v${known}: upgrade this build`,
    );
  if (version === known) return data;
  return (lifts[type] ?? []).slice(version - 1).reduce((lifted, lift) => lift(lifted), data);
};
