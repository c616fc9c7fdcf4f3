/** One thing that was looked at. */
export type Condition = {
  readonly name: string;
  /** `warn`: something is wrong that this instance can do nothing about and works in spite of; `fail`: send it no requests. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen, as operators read it. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

export type Readiness = {
  readonly conditions: readonly Condition[];
  /** The same by name, in few words. */
  readonly checks: Readonly<Record<string, unknown>>;
};

/** Warnings take nobody out of service: what all instances share would take them all. */
export const isReady = ({ conditions }: Readiness): boolean =>
  conditions.every(({ status }) => status !== 'fail');
