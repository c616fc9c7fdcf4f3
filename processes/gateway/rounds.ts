/**
 * Round trips to the broker, counted. The broker delivers in order: a beat that arrives after a round trip
 * was sent to it after that round trip had begun.
 */
export type Rounds = {
  /** @returns its number, for `ended` */
  readonly begin: () => number;
  readonly ended: (round: number) => void;
  /** The last one that has begun. */
  readonly latest: () => number;
  /** The last one that has ended. */
  readonly latestEnded: () => number;
};

export const rounds = (): Rounds => {
  let begun = 0;
  let ended = 0;
  return {
    begin: () => ++begun,
    ended: (round) => {
      ended = Math.max(ended, round);
    },
    latest: () => begun,
    latestEnded: () => ended,
  };
};
