import { escapeIdentifier } from 'pg';

export const eventsTable = (schema: string): string => `${escapeIdentifier(schema)}.events`;

/**
 * The whole schema, safe to run at every start. Names sort by bytes ("C") so that the stream index does not
 * depend on the database's collation. No index on event_id: random ids would cost the append path most.
 */
export const createSchema = (schema: string): string => `
  create schema if not exists ${escapeIdentifier(schema)};
  create table if not exists ${eventsTable(schema)} (
    sequence   bigint primary key,
    revision   bigint not null,
    created_ms bigint not null,
    event_id   uuid not null,
    is_json    boolean not null,
    stream     text collate "C" not null,
    type       text collate "C" not null,
    data       bytea not null,
    metadata   bytea not null,
    constraint events_stream_revision unique (stream, revision)
  );`;
