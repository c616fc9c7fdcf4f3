import type { Client } from 'pg';
import type { ServerCheck, Verdict } from '../server-check';
import { lookAtConnections } from './checks/connections';
import { lookAtEncoding, lookForSchema, lookForWrites } from './checks/database';
import { lookForOwnSessions } from './checks/own-sessions';
import { lookAtPartitions, lookAtRights, type SchemaNeeds } from './checks/rights';
import { connector } from './connect';

export type PostgresNeeds = SchemaNeeds & {
  readonly url: string;
  /** That one program may have open at once. */
  readonly connections: number;
};

const ANSWER_TIMEOUT_MS = 3_000;

/** All that is asked of Postgres, in the order in which one is worth asking after the other. */
export const postgresChecks = (needs: PostgresNeeds): readonly ServerCheck[] => {
  const options = {
    url: needs.url,
    applicationName: 'punctual-check',
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  };
  const connectBare = connector({ ...options, settings: 'none' });
  const connect = connector(options);
  const inSession = (work: (client: Client) => Promise<Verdict>) => async (): Promise<Verdict> => {
    const client = await connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const check = (name: string, look: ServerCheck['look']): ServerCheck => ({
    setting: 'POSTGRES_URL',
    name,
    look,
  });
  return [
    check('sessions of its own', () => lookForOwnSessions(connectBare)),
    check('a database that takes any text', inSession(lookAtEncoding)),
    check('a schema to work in', inSession(lookForSchema)),
    check('writes', inSession(lookForWrites)),
    check(
      'room for connections',
      inSession((one) => lookAtConnections(one, needs.connections)),
    ),
    check(
      'rights on schema and tables',
      inSession((one) => lookAtRights(one, needs)),
    ),
    check(
      'partitions ahead',
      inSession((one) => lookAtPartitions(one, Date.now())),
    ),
  ];
};
