import type { RowChanges } from '../projection';
import { parameters, plainArray, type Column } from './unnest';
import type { Statement } from './write-session';

/** What a batch makes of the row of one stream. */
export type StreamChange = {
  /** Of the stream's subject, and of its row. */
  readonly id: string;
  /** Of the batch, in this stream. */
  readonly firstRevision: bigint;
  readonly revision: bigint;
  readonly position: bigint;
};

/** A table with one row for each stream of a category. */
export type StreamTable<Changed extends StreamChange> = {
  readonly table: string;
  readonly idColumn: string;
  /** Of its streams' names. */
  readonly prefix: string;
  readonly columns: readonly Column<Changed>[];
  /** Of streams that begin in the batch. */
  readonly insertText: string;
  /** Of all others; writes only rows that have everything before it. */
  readonly updateText: string;
};

/** What writes the rows of a batch. An update that finds its row behind names the streams with a gap. */
export const streamRows = <Changed extends StreamChange>(its: StreamTable<Changed>) => {
  const { table, idColumn, prefix, columns, insertText, updateText } = its;
  const gapsText = `
  select '${prefix}' || c.id as stream
  from unnest($1::uuid[], $2::bigint[]) as c(id, first_revision)
  left join ${table} t on t.${idColumn} = c.id
  where t.${idColumn} is null or t.revision < c.first_revision - 1`;

  return (
    begun: readonly Changed[],
    changed: readonly Changed[],
  ): readonly (Statement | RowChanges)[] => {
    const insertion: Statement = {
      name: `${table}_insert`,
      text: insertText,
      values: parameters(columns, begun),
    };
    const update: RowChanges = {
      name: `${table}_update`,
      text: updateText,
      values: parameters(columns, changed),
      rows: changed.length,
      gaps: {
        text: gapsText,
        values: [
          plainArray(changed.map(({ id }) => id)),
          plainArray(changed.map(({ firstRevision }) => firstRevision)),
        ],
      },
    };
    return [...(begun.length > 0 ? [insertion] : []), ...(changed.length > 0 ? [update] : [])];
  };
};
