export type EventData = Readonly<Record<string, unknown>>;

type Lift = (data: EventData) => EventData;

/** lifts[type][i] turns version i+1 into i+2; never edit a lift that has shipped. No shape has changed so far. */
const lifts: Readonly<Record<string, readonly Lift[]>> = {};

export const currentVersion = (type: string): number => (lifts[type]?.length ?? 0) + 1;

/** @throws RangeError for a version newer than this build knows: stop, never skip. */
export const upcast = (type: string, version: number, data: EventData): EventData => {
  if (version > currentVersion(type))
    throw new RangeError(`${type} v${version} is from the future: upgrade this build`);
  return (lifts[type] ?? []).slice(version - 1).reduce((lifted, lift) => lift(lifted), data);
};
