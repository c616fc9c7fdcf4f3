/** What of a stream's metadata keeps events from whoever reads it, and lets a scavenge take them out of the log. */
export type Hiding = {
  readonly text: string;
  readonly truncateBefore: bigint | undefined;
  readonly maxCount: bigint | undefined;
  /** Time, or what nobody can say: it may take away anything. */
  readonly isOpen: boolean;
};

const PROPERTIES = ['$tb', '$maxCount', '$maxAge'] as const;

const numberIn = (value: unknown): bigint | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? BigInt(Math.floor(value))
    : undefined;

/** What a soft delete sets `$tb` to, as JSON.parse reads it. */
const DELETED = 2 ** 63;

const textOf = (name: string, value: unknown): string => {
  if (name === '$tb' && value === DELETED) return 'that it was deleted';
  return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
};

/** Undefined when nothing hides. A soft delete is a `$tb`. */
export const hidingIn = (data: Uint8Array): Hiding | undefined => {
  const stored = Buffer.from(data).toString('utf8');
  let metadata: unknown;
  try {
    metadata = JSON.parse(stored);
  } catch {
    // nobody can say what a server makes of it
    return { text: stored, truncateBefore: undefined, maxCount: undefined, isOpen: true };
  }
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const known = metadata as Readonly<Record<string, unknown>>;
  const hiding = PROPERTIES.filter((name) => known[name] !== undefined && known[name] !== 0);
  if (hiding.length === 0) return undefined;
  const [truncateBefore, maxCount] = [numberIn(known['$tb']), numberIn(known['$maxCount'])];
  return {
    text: hiding.map((name) => textOf(name, known[name])).join(', '),
    truncateBefore,
    maxCount,
    isOpen: hiding.includes('$maxAge') || (truncateBefore ?? maxCount) === undefined,
  };
};

/** Whether it takes away all that comes before `first` in a stream that ends with `last`. */
export const takesAway = (
  { truncateBefore = 0n, maxCount, isOpen }: Hiding,
  first: bigint,
  last: bigint,
): boolean =>
  isOpen || first <= truncateBefore || (maxCount !== undefined && first <= last - maxCount + 1n);
