import { escapeIdentifier } from 'pg';

export const eventsTable = (schema: string): string => `${escapeIdentifier(schema)}.events`;

/** What a commit violates that would store a revision twice. */
export const revisionConstraint = 'events_stream_revision';

/**
 * The whole schema, safe to run at every start. Names sort by bytes ("C") so that the stream index does not
 * depend on the database's collation. No index on event_id: random ids would cost the append path most. The
 * index of tombstones is as small as they are few.
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
    constraint ${revisionConstraint} unique (stream, revision)
  );
  create index if not exists events_tombstone on ${eventsTable(schema)} (stream)
    where revision = 9223372036854775807;`;
