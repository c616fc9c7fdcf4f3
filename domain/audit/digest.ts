import type { JobDefinition } from '../job/definition';

const PRIME_1 = 2_654_435_761;
const PRIME_2 = 1_597_334_677;

/** 53 bits that tell texts apart which nobody chose to collide; two multiplications a character. */
export const digestOf = (text: string): number => {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, PRIME_1);
    low = Math.imul(low ^ unit, PRIME_2);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
};

/**
 * The sum of digests in whatever order they come, modulo 2^53 - 1. No step of it exceeds that: beyond, the last bit is
 * rounded, and the same digests in another order would have another sum.
 */
export const addedDigest = (sum: number, digest: number): number => {
  const room = Number.MAX_SAFE_INTEGER - digest;
  return sum >= room ? sum - room : sum + digest;
};

/** Digest of a text or JSON that may be absent; NaN when it is. */
export const digestOrNone = (text: string | null | undefined): number =>
  text === null || text === undefined ? Number.NaN : digestOf(text);

/** Of which schedule and which of its occurrences a job is; NaN for one of no schedule. */
export const originDigest = (
  scheduleId: string | undefined,
  occurrenceAt: string | undefined,
): number =>
  scheduleId === undefined ? Number.NaN : digestOf(`${scheduleId} ${occurrenceAt ?? ''}`);

/** A definition with its JSON as the texts that a read model stores. */
export type DefinitionTexts = Pick<
  JobDefinition,
  'ownerId' | 'name' | 'location' | 'queue' | 'timeoutMs' | 'cutoffMs'
> & {
  readonly maxLatenessMs: number | null;
  readonly scheduleId: string | null;
  readonly occurrenceAt: string | null;
  readonly tags: string;
  readonly retry: string;
  readonly payload: string | null;
};

/** NUL separates, which no text in the database has. */
export const definitionDigest = (texts: DefinitionTexts): number =>
  digestOf(
    [
      texts.ownerId,
      texts.name,
      texts.location,
      texts.queue,
      texts.timeoutMs,
      texts.cutoffMs,
      texts.maxLatenessMs ?? '',
      texts.tags,
      texts.retry,
      texts.scheduleId === null ? '' : `=${texts.scheduleId}`,
      texts.occurrenceAt ?? '',
      texts.payload ?? '',
    ].join('\0'),
  );

export const textsOf = (definition: JobDefinition): DefinitionTexts => ({
  ownerId: definition.ownerId,
  name: definition.name,
  location: definition.location,
  queue: definition.queue,
  timeoutMs: definition.timeoutMs,
  cutoffMs: definition.cutoffMs,
  maxLatenessMs: definition.maxLatenessMs ?? null,
  scheduleId: definition.scheduleId ?? null,
  occurrenceAt: definition.occurrenceAt ?? null,
  tags: JSON.stringify(definition.tags),
  retry: JSON.stringify(definition.retry),
  payload: definition.payload === undefined ? null : JSON.stringify(definition.payload),
});
