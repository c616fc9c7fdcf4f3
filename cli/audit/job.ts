import { parseArgs } from 'node:util';
import { jobHistory } from '../../commands/job-history';
import { systemClock } from '../../infra/clock';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { openDatabase } from '../../infra/postgres/database';
import { heldBackOf } from '../../projections/queries/dispatching/held-back';
import { idFrom, momentFrom } from '../flag-values';
import { reportTo } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { exitCode, type Verb } from '../verb';

const usage = `usage: punctual audit job JOB_ID [--at MOMENT] [--json]

Tells the story of a job from the log: who did what when and why, what it waited for, how late each step
was, and why it ran, did not run, or ran late. With the read model it also tells what a due job is held
back by right now. Changes nothing.

  --at MOMENT         as it stood then: an RFC 3339 time that has passed, or a log position (default now)
  --json              one JSON line on stdout
${serverUsage}

Exit codes: 0 told; 1 it failed; 2 wrong flags; 4 there is no such job.
`;

const NO_SUCH_JOB = 4;

const run: Verb['run'] = async (args, context) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...serverFlags, at: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const jobId = idFrom('job', positionals);
  const asOf = values.at === undefined ? undefined : momentFrom(values.at, systemClock.now());
  const servers = await serversFrom(values, context);
  const client = openEventStore(servers.eventstoreUrl());
  const postgresUrl = servers.knownPostgresUrl();
  const db =
    postgresUrl === undefined
      ? undefined
      : openDatabase({ url: postgresUrl, applicationName: 'punctual-audit', poolSize: 1 });
  try {
    const log = eventStoreLog(client, servers.names.streams);
    const { story } = jobHistory(log, systemClock, db && heldBackOf(db));
    const told = await story(jobId, { kind: 'operator', id: 'cli' }, asOf);
    if (!told) {
      context.stderr.write(`punctual audit job: there is no job ${jobId}\n`);
      return NO_SUCH_JOB;
    }
    reportTo(context, values.json).tell('story', told, told.text);
    return exitCode.done;
  } finally {
    await db?.destroy();
    await closeEventStore(client);
  }
};

export const auditJob: Verb = {
  summary: 'the story of one job, and why it ran or not',
  usage,
  run,
};
