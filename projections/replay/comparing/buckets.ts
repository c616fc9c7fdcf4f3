import { sendOne, type WriteSession } from '../../writing/write-session';

/** The rows of one bucket: how many, and the exclusive or of their hashes, which does not depend on their order. */
export type Bucket = { readonly rows: number; readonly hash: Uint8Array };

const HASH_BYTES = 32;
const PAGE_ROWS = 2_000;

type Hashed = { readonly bucket: number; readonly hash: string };

/** A bucket that is being filled, in place: there may be millions of rows. */
type Sum = { rows: number; readonly hash: Uint8Array };

const sumOf = (sums: Map<number, Sum>, bucket: number): Sum => {
  const known = sums.get(bucket);
  if (known) return known;
  const sum: Sum = { rows: 0, hash: new Uint8Array(HASH_BYTES) };
  sums.set(bucket, sum);
  return sum;
};

const add = (sum: Sum, hash: string): void => {
  const bytes = Buffer.from(hash, 'hex');
  for (let at = 0; at < HASH_BYTES; at++) sum.hash[at] = (sum.hash[at] ?? 0) ^ (bytes[at] ?? 0);
  sum.rows += 1;
};

/**
 * Hashes rows into buckets, page by page, so that neither side holds all rows and others have their turn in between.
 *
 * @param hashedRows  a query of `bucket` and `hash`, 32 bytes in hex, of rows that all differ
 * @param rowsRead    told after each page; resolves when more may be read
 */
export const bucketsOf = async (
  session: WriteSession,
  hashedRows: string,
  rowsRead: (count: number) => Promise<void>,
): Promise<ReadonlyMap<number, Bucket>> => {
  const buckets = new Map<number, Sum>();
  await sendOne(session, { text: `declare hashed no scroll cursor for ${hashedRows}` });
  for (;;) {
    const { rows } = await sendOne(session, { text: `fetch ${PAGE_ROWS} from hashed` });
    if (rows.length === 0) break;
    // the columns that the query must have
    for (const { bucket, hash } of rows as readonly Hashed[]) add(sumOf(buckets, bucket), hash);
    await rowsRead(rows.length);
  }
  await sendOne(session, { text: 'close hashed' });
  return buckets;
};
