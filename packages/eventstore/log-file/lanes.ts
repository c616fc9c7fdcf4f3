import type { Group, NumberedEvent } from './placing';

/** Well below the 1 MiB that a server takes in one append; a larger event goes alone. */
const maxGroupBytes = 256 * 1024;
const maxGroupEvents = 200;
/** What may wait in memory before the reader of the file has to. */
const maxWaitingBytes = 32 * 1024 * 1024;
const maxWaitingEvents = 20_000;
/** Of an event beside its data, roughly. */
const eventOverheadBytes = 500;

export type Lanes = {
  /** Resolves when there is room for more. @throws what a placing threw */
  readonly add: (event: NumberedEvent) => Promise<void>;
  /** Resolves when all that was added is placed. @throws what a placing threw */
  readonly drained: () => Promise<void>;
};

export type LanesOptions = {
  readonly place: (group: Group) => Promise<void>;
  /** How many groups are placed at a time; with 1 they are placed in the order they were added. */
  readonly inFlight: number;
  /** Events with the same lane are placed in the order they were added, one group at a time. */
  readonly laneOf: (event: NumberedEvent) => string;
};

type OpenGroup = { readonly events: [NumberedEvent, ...NumberedEvent[]]; bytes: number };
type Lane = { readonly groups: OpenGroup[]; isBusy: boolean };

const bytesOf = (event: NumberedEvent): number =>
  event.data.length + event.metadata.length + eventOverheadBytes;

/** Many streams at once, each in its own order. */
export const lanes = ({ place, inFlight, laneOf }: LanesOptions): Lanes => {
  const byName = new Map<string, Lane>();
  const ready: [string, Lane][] = [];
  let [busy, waitingEvents, waitingBytes] = [0, 0, 0];
  let lastLane: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;

  const until = async (condition: () => boolean): Promise<void> => {
    while (!failure && !condition()) await new Promise<void>((resolve) => (wake = resolve));
    if (failure) throw failure.error;
  };

  const run = async (name: string, lane: Lane, { events, bytes }: OpenGroup): Promise<void> => {
    try {
      await place(events);
    } catch (error) {
      failure ??= { error };
    }
    busy -= 1;
    waitingEvents -= events.length;
    waitingBytes -= bytes;
    lane.isBusy = false;
    if (lane.groups.length > 0) ready.push([name, lane]);
    else byName.delete(name);
    start();
    wake();
  };

  const start = (): void => {
    while (!failure && busy < inFlight) {
      const [name, lane] = ready.shift() ?? [];
      const group = lane?.groups.shift();
      if (name === undefined || !lane || !group) return;
      lane.isBusy = true;
      busy += 1;
      void run(name, lane, group);
    }
  };

  const joins = (event: NumberedEvent, group: OpenGroup | undefined): group is OpenGroup => {
    const last = group?.events.at(-1);
    return (
      group !== undefined &&
      last?.stream === event.stream &&
      last.revision === event.revision - 1n &&
      group.events.length < maxGroupEvents &&
      group.bytes + bytesOf(event) <= maxGroupBytes
    );
  };

  const put = (name: string, event: NumberedEvent): void => {
    const lane = byName.get(name) ?? { groups: [], isBusy: false };
    byName.set(name, lane);
    const open = lane.groups.at(-1);
    const bytes = bytesOf(event);
    waitingEvents += 1;
    waitingBytes += bytes;
    if (joins(event, open)) {
      open.events.push(event);
      open.bytes += bytes;
      return;
    }
    lane.groups.push({ events: [event], bytes });
    if (!lane.isBusy && lane.groups.length === 1) ready.push([name, lane]);
  };

  return {
    add: async (event) => {
      const name = laneOf(event);
      if (inFlight === 1 && name !== lastLane) await until(() => waitingEvents === 0);
      lastLane = name;
      put(name, event);
      start();
      await until(() => waitingEvents < maxWaitingEvents && waitingBytes < maxWaitingBytes);
    },
    drained: () => until(() => waitingEvents === 0),
  };
};
