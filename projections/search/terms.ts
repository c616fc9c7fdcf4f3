/** Beyond so many bytes a text is told apart by its hash: an entry of an index has room for some 2,700. */
const LABEL_BYTES = 800;

/** Kinds of labels: what a job is narrowed by. */
const kinds = { owner: 'o', queue: 'q', tag: 't', name: 'n' } as const;

/** SQL for the label that stands for a text. @param text  SQL of a text, read several times */
export const labelOf = (kind: keyof typeof kinds, text: string): string =>
  `'${kinds[kind]}' || case when octet_length(${text}) <= ${LABEL_BYTES} then ${text}
     else '#' || encode(sha256(convert_to(${text}, 'UTF8')), 'hex') end`;

/** What is beyond in a name is not searched; the API takes no such names. */
const SEARCHED_LENGTH = 1_000;

/** More tell no more, and each costs a look into the index. */
const MAX_PIECES = 24;

/**
 * SQL for the pieces of one, two and three characters of a name, as ILIKE compares it. All three kinds, for a word may
 * be one character long: where no piece of that length is kept, a search is a scan.
 */
export const gramsOfName = (name: string): string => `
  select array_agg(distinct hashtext(substr(l, i, size)))
  from (select lower(left(${name}, ${SEARCHED_LENGTH})) as l) as lowered, generate_series(1, 3) as size,
       generate_series(1, length(l) - size + 1) as i`;

/** SQL for pieces that each name has that contains this text: the longest ones, which the fewest names have. */
export const gramsOfPart = (part: string): string => `
  select array_agg(distinct hashtext(substr(l, i, size)))
  from (select l, least(3, length(l)) as size from (select lower(${part}) as l) as lowered) as sized,
       generate_series(1, length(l) - size + 1, greatest(1, length(l) / ${MAX_PIECES})) as i`;
