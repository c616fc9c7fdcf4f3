const metastreamPrefix = '$$';

export const metadataEventType = '$metadata';
export const tombstoneEventType = '$streamDeleted';

export const isMetastream = (stream: string): boolean => stream.startsWith(metastreamPrefix);
export const metastreamOf = (stream: string): string => metastreamPrefix + stream;
export const originalStreamOf = (metastream: string): string =>
  metastream.slice(metastreamPrefix.length);

/** `$tb` of a soft-deleted stream is 2^63-1, which JSON.parse reads as this. */
const softDeleted = 2 ** 63;

/** The settings of a stream that reads honour; `fields` are all that were stored, also those of others. */
export type StreamMetadata = {
  readonly truncateBefore: number;
  readonly maxCount: number | undefined;
  /** Events older than this are hidden. */
  readonly maxAgeMs: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
};

export const noMetadata: StreamMetadata = {
  truncateBefore: 0,
  maxCount: undefined,
  maxAgeMs: undefined,
  fields: {},
};

/** Of a metastream only the newest event counts, as on the real server. */
export const metastreamMetadata: StreamMetadata = { ...noMetadata, maxCount: 1 };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A whole number, 0 or more. */
const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;

/** A whole number of 1 or more: the real server knows no limit of 0 and ignores it. */
const limit = (value: unknown): number | undefined =>
  value === 0 ? undefined : wholeNumber(value);

/** Reads the data of a `$metadata` event; what is no JSON object counts as no metadata. */
export const parseStreamMetadata = (data: Buffer): StreamMetadata => {
  try {
    const fields: unknown = JSON.parse(data.toString('utf8'));
    if (!isRecord(fields)) return noMetadata;
    const maxAgeSeconds = limit(fields['$maxAge']);
    return {
      truncateBefore: wholeNumber(fields['$tb']) ?? 0,
      maxCount: limit(fields['$maxCount']),
      maxAgeMs: maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1_000,
      fields,
    };
  } catch {
    return noMetadata;
  }
};

export const isSoftDeleted = (metadata: StreamMetadata): boolean =>
  metadata.truncateBefore >= softDeleted;

/** The data of a `$metadata` event that keeps all fields but `$tb`; 2^63 is written as 2^63-1, which no JS number holds. */
export const metadataWithTruncateBefore = (
  { fields }: StreamMetadata,
  truncateBefore: number,
): Buffer => {
  const { $tb: _replaced, ...kept } = fields;
  const rest = JSON.stringify(kept).slice(1);
  const tb = truncateBefore >= softDeleted ? '9223372036854775807' : String(truncateBefore);
  return Buffer.from(`{"$tb":${tb}${rest === '}' ? '' : ','}${rest}`, 'utf8');
};

export const softDeleteData = (metadata: StreamMetadata): Buffer =>
  metadataWithTruncateBefore(metadata, softDeleted);

/** First revision that `$tb` and `$maxCount` let a read of the stream show. */
export const firstVisibleRevision = (metadata: StreamMetadata, lastRevision: number): number =>
  metadata.maxCount === undefined
    ? metadata.truncateBefore
    : Math.max(metadata.truncateBefore, lastRevision - metadata.maxCount + 1);
