import { sendOne, type WriteSession } from '../write-session';

/** The rows of one bucket: how many, and the exclusive or of their hashes, which does not depend on their order. */
export type Bucket = { readonly rows: number; readonly hash: Uint8Array };

const HASH_BYTES = 32;
const PAGE_ROWS = 2_000;

type Hashed = { readonly bucket: number; readonly hash: string };

const withRow = (known: Bucket | undefined, { hash }: Hashed): Bucket => {
  const sum = known?.hash ?? new Uint8Array(HASH_BYTES);
  for (const [index, byte] of Buffer.from(hash, 'hex').entries())
    sum[index] = (sum[index] ?? 0) ^ byte;
  return { rows: (known?.rows ?? 0) + 1, hash: sum };
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
  const buckets = new Map<number, Bucket>();
  await sendOne(session, { text: `declare hashed no scroll cursor for ${hashedRows}` });
  for (;;) {
    const { rows } = await sendOne(session, { text: `fetch ${PAGE_ROWS} from hashed` });
    if (rows.length === 0) break;
    for (const row of rows as readonly Hashed[])
      // the columns that the query must have
      buckets.set(row.bucket, withRow(buckets.get(row.bucket), row));
    await rowsRead(rows.length);
  }
  await sendOne(session, { text: 'close hashed' });
  return buckets;
};
