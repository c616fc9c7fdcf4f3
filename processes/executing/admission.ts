import type { Draw } from '../../domain/chance';
import type { Timers } from '../runtime/timers';
import { decayingCount } from './decaying-count';
import { putOff } from './put-off';
import { shares, type Flow } from './shares';
import { waitingRoom } from './waiting-room';

export type AdmissionDeps<Item> = {
  /** Slots in all. */
  readonly size: number;
  readonly timers: Timers;
  readonly draw: Draw;
  /** A slot was taken for it: `leave` gives it back. */
  readonly begin: (item: Item, flow: Flow) => void;
  /** No place for it here: whoever has one is to get it after a while. */
  readonly sendBack: (item: Item, delayMs: number) => void;
};

/** Lets a job begin when its owner and its target have a slot left for it; a few others wait for that. */
export type Admission<Item> = {
  readonly offer: (item: Item, flow: Flow) => void;
  /** Its slot is free again. */
  readonly leave: (flow: Flow) => void;
  /**
   * How many more to ask for: all slots that are free, and as many as were of no use lately, or those who may
   * begin would stand behind them.
   */
  readonly wanted: () => number;
  readonly waiting: () => readonly Item[];
  /** Sends back what waits, and from now on whatever cannot begin. */
  readonly close: () => void;
};

/** What may wait: enough to fill the slots of quick jobs until what was sent back comes again. */
const roomFor = (slots: number): number => Math.min(1_000, Math.max(64, slots));
/** Longest wait here, for another executor may be idle. */
const MAX_STAY_MS = 1_000;
const LATELY_MS = 1_000;
const MAX_IN_VAIN = 256;

export const admission = <Item>(deps: AdmissionDeps<Item>): Admission<Item> => {
  const { size, timers, draw, begin, sendBack } = deps;
  type Guest = {
    readonly item: Item;
    readonly flow: Flow;
    readonly sinceMs: number;
    end: () => void;
  };
  const slots = shares(size);
  const room = waitingRoom<Guest>(roomFor(size));
  const delays = putOff(timers, draw);
  const inVain = decayingCount(timers.monotonicMs, () => LATELY_MS);
  const invited = decayingCount(timers.monotonicMs, () => LATELY_MS);
  let isClosed = false;

  const putBack = (item: Item, flow: Flow): void => {
    inVain.add();
    sendBack(item, isClosed ? 0 : delays.delayMs(flow, room.countOf(flow)));
  };
  const dismiss = (guest: Guest): void => {
    guest.end();
    room.leave(guest.flow, guest);
    putBack(guest.item, guest.flow);
  };
  const invite = (item: Item, flow: Flow): void => {
    const guest: Guest = { item, flow, sinceMs: timers.monotonicMs(), end: () => undefined };
    if (isClosed || !room.enter(flow, guest)) {
      putBack(item, flow);
      return;
    }
    guest.end = timers.after(MAX_STAY_MS, () => {
      delays.waited(flow, MAX_STAY_MS);
      dismiss(guest);
    });
  };
  return {
    offer: (item, flow) => {
      if (slots.take(flow)) begin(item, flow);
      else invite(item, flow);
    },
    leave: (flow) => {
      slots.giveBack(flow);
      // what one slot lets go on may be more than one: shares grow with what is free
      for (let next = room.next(slots.take); next; next = room.next(slots.take)) {
        next.end();
        delays.waited(next.flow, timers.monotonicMs() - next.sinceMs);
        invited.add();
        begin(next.item, next.flow);
      }
    },
    wanted: () => {
      const free = slots.free();
      if (free === 0) return 0;
      const guests = room.size();
      // guests who will soon begin leave nothing for others to ask for; behind those who will not others may stand
      const areMoving = guests <= invited.value();
      const more = Math.min(MAX_IN_VAIN, Math.floor(inVain.value()));
      return Math.max(0, free + more - (areMoving ? guests : 0));
    },
    waiting: () => room.items().map(({ item }) => item),
    close: () => {
      isClosed = true;
      room.items().forEach(dismiss);
    },
  };
};
