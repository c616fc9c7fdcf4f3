/** Milliseconds of each unit of the `grpc-timeout` header. */
const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The longest that a timer of Node takes, some 24 days: more is as good as no deadline. */
const longestMs = 2 ** 31 - 1;

/** What a `grpc-timeout` header leaves, in ms; undefined when it is missing, malformed or past all timers. */
export const grpcTimeoutMs = (header: string | undefined): number | undefined => {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(header ?? '') ?? [];
  const factor = unitMs[unit];
  if (digits === undefined || factor === undefined) return undefined;
  const timeoutMs = Number(digits) * factor;
  return timeoutMs > longestMs ? undefined : timeoutMs;
};
