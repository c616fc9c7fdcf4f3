import type { Knex } from 'knex';

/** A step of the schema. Its name and text never change once it has shipped. */
export type Migration = {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
  /** False for what cannot run inside a transaction, such as `create index concurrently`. */
  readonly transaction?: boolean;
};
