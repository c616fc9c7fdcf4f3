/** A `Date` header tells whole seconds and is some time under way; a clock that is no further off is taken for right. */
const RIGHT_MS = 2_000;

/** By how much the server's clock is ahead of the browser's. */
let offset = 0;
const listeners = new Set<() => void>();

export const clockStore = {
  current: (): number => offset,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** What time it is where it is decided what is due. */
export const serverNow = (): number => Date.now() + offset;

/** @param date  of an answer; `sentAt` and `gotAt` by the browser's clock, when it was asked for and came */
export const hearDate = (date: string | null, sentAt: number, gotAt: number): void => {
  const wayMs = gotAt - sentAt;
  // one that was waited for, or during which the clock was set, says too little
  if (date === null || wayMs < 0 || wayMs > RIGHT_MS) return;
  const heard = Date.parse(date) + 500 - (sentAt + gotAt) / 2;
  if (Number.isNaN(heard) || Math.abs(heard - offset) < RIGHT_MS) return;
  offset = Math.abs(heard) < RIGHT_MS ? 0 : heard;
  for (const listener of listeners) listener();
};

/** Takes the `Date` of the answer to what is asked for now. */
export const dateListener = (): ((date: string | null) => void) => {
  const sentAt = Date.now();
  return (date) => hearDate(date, sentAt, Date.now());
};
