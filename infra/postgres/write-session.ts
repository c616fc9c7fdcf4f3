import type { Client } from 'pg';
import type {
  OpenWriteSession,
  Statement,
  StatementResult,
  WriteSession,
} from '../../projections/writing/write-session';
import { connector } from './connect';
import type { SessionSettings } from './session-settings';

const CLOSE_TIMEOUT_MS = 2_000;
/**
 * The server ends a statement after this long, and the session of a program that was frozen for so long,
 * so that a standby may take over. A projector without work must speak up more often.
 */
const SERVER_TIMEOUT_MS = 15_000;
/** Ends the connection when the server does not answer at all. */
const ANSWER_TIMEOUT_MS = 20_000;

/**
 * - The log can rebuild what is written here, so a commit need not wait for the disk.
 * - Every statement finds its rows by key. Plans are made once, when tables may still be empty, and must not
 *   settle for reading whole tables that grow later.
 */
const settings = {
  synchronous_commit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  statement_timeout: SERVER_TIMEOUT_MS,
  idle_in_transaction_session_timeout: SERVER_TIMEOUT_MS,
  idle_session_timeout: SERVER_TIMEOUT_MS,
};

const resultOf = ({
  rows,
  rowCount,
}: {
  rows: unknown[];
  rowCount: number | null;
}): StatementResult => ({
  rows: rows as StatementResult['rows'], // without rowMode the driver gives objects
  rowCount: rowCount ?? 0,
});

const sendAll = async (
  client: Client,
  statements: readonly Statement[],
): Promise<readonly StatementResult[]> => {
  const sent = statements.map(({ name, text, values }) =>
    client.query({
      text,
      ...(name !== undefined && { name }),
      ...(values && { values: [...values] }),
    }),
  );
  // all are answered before anything else is sent, so that a rollback never overtakes a statement
  const answers = await Promise.allSettled(sent);
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return resultOf(answer.value);
  });
};

/** Says goodbye, and waits for the answer only so long: a half-open connection never gives one. */
const ended = async (client: Client): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([client.end(), timeout]);
  clearTimeout(timer);
};

/** For statements that take as long as they need. The server ends one whose program is gone. */
const patience = {
  statement_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  idle_session_timeout: 0,
  client_connection_check_interval: 1_000,
};

const opener = (
  url: string,
  applicationName: string,
  settings: SessionSettings,
  answerTimeoutMs?: number,
): OpenWriteSession => {
  const connect = connector({
    url,
    applicationName,
    settings,
    pipeline: true,
    ...(answerTimeoutMs !== undefined && { answerTimeoutMs }),
  });
  return async (): Promise<WriteSession> => {
    const client = await connect();
    client.on('error', () => undefined); // the next statement fails and says so
    return {
      send: (statements) => sendAll(client, statements),
      close: () => ended(client),
    };
  };
};

/**
 * Opens connections for a projector: pipelined, each the only one of its session.
 *
 * @param url              connection string
 * @param applicationName  what `pg_stat_activity` shows
 */
export const writeSessions = (
  url: string,
  applicationName = 'punctual-projector',
): OpenWriteSession => opener(url, applicationName, settings, ANSWER_TIMEOUT_MS);

/** The same for large batches, which may take their time. */
export const patientWriteSessions = (url: string, applicationName: string): OpenWriteSession =>
  opener(url, applicationName, { ...settings, ...patience });

/** For statements over whole tables, planned as Postgres sees fit. */
export const tableSessions = (url: string, applicationName: string): OpenWriteSession =>
  opener(url, applicationName, patience);
