import type { Client } from 'pg';
import type { Verdict } from '../../server-check';

/** The least of what server, database and role allow; a limit of -1 is none. */
const ROOM = `
  select least(
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
      - coalesce(current_setting('reserved_connections', true)::integer, 0),
    (select nullif(datconnlimit, -1) from pg_database where datname = current_database()),
    (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)) as room`;

export const lookAtConnections = async (client: Client, needed: number): Promise<Verdict> => {
  const { rows } = await client.query<{ readonly room: number }>(ROOM);
  const room = rows[0]?.room ?? needed;
  if (room >= needed) return { outcome: 'ok', detail: `${room}` };
  return {
    outcome: 'reduced',
    found: `room for ${room} connections, and one program may open ${needed}`,
    remedy: 'Raise max_connections or the limit of the role, or lower POSTGRES_POOL_SIZE.',
  };
};
