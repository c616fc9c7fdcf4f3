/** A name as it stands in a statement, whatever is in it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The read model's own tables: what a replay rebuilds, compares and exchanges. `due_jobs` brings its partitions. */
export const READ_TABLES = ['jobs', 'due_jobs', 'status_feed', 'parked_streams'] as const;

export type ReadTable = (typeof READ_TABLES)[number];

/** Remembers, in the schema that a replay builds, how far it is. */
export const STATE_TABLE = 'replay_state';
