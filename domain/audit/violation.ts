/** Where an event stands in the log: enough for anyone to look it up. */
export type EventPlace = {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly type: string;
};

export const placeOf = ({ stream, revision, position, type }: EventPlace): EventPlace => ({
  stream,
  revision,
  position,
  type,
});

/** A promise that the log, or what was made of it, does not keep. */
export type Violation = {
  /** Name of the broken promise, in kebab-case; docs/audit.md explains each. */
  readonly rule: string;
  /** What it is about: a job id, a stream, a message id, a block. */
  readonly subject: string;
  /** One sentence that says what is wrong. */
  readonly message: string;
  /** The events that show it, in the order of the log; none when the proof lies outside of it. */
  readonly events: readonly EventPlace[];
  /** Streams that it hangs on: where one of them is gone, it cannot be proved. Absent: that of the job `subject`. */
  readonly streams?: readonly string[];
  /** Of a sealed block that lacks events and has no other fault: how many. */
  readonly removed?: number;
};
