import { jobAudit, type JobAudit } from '../domain/audit/job-audit';
import { systemClock } from '../infra/clock';
import type { BrokerAccess } from '../infra/nats/access';
import { connectBroker } from '../infra/nats/connection';
import { readStoredMessages } from '../infra/nats/stored-messages';
import { hiddenEvents } from '../projections/audit/hidden-events';
import { jobCheck } from '../projections/audit/job-check';
import { messageCheck, type MessageCheck } from '../projections/audit/message-check';
import { verifyLog, type Verified } from '../projections/audit/verify';
import { parseVerifyFlags, type VerifyFlags } from './audit-verify-flags';
import { tellBooks, violationsUpTo } from './audit-verify-text';
import { sealsToCheck, tellSeals } from './audit-verify-seals';
import { openToVerify, type Opened } from './audit-verify-servers';
import { paceUsage } from './pace';
import { reportTo, type Report } from './report';
import { keyUsage } from './seal-keys';
import { serversFrom, serverUsage } from './servers';
import { exitCode, type Surroundings, type Verb } from './verb';

const usage = `usage: punctual audit verify [flags]

Holds the log against the promises: every accepted schedule has an outcome or waits, nothing starts early,
twice or after its cancel, statuses change as they may, revisions have no gaps. Then it holds the read model
and the messages of the broker against the log; with --seal also the log against its seals, which finds every
event that was changed, removed, added or moved after it was sealed. Tells each violation with its events, what
became of all jobs by day and owner, and how many violations there are. Changes nothing, and may run beside a
system at work.

${serverUsage}
  --from PLACE        what lies before is believed: a time (2026-11-23T10:00:00Z, inclusive; the log before it is
                      read all the same) or a position (exclusive; the log is read from there on)
  --to PLACE          ends there: a time (exclusive) or a position (inclusive); read model and messages, which
                      are of now, are left out
  --overdue-after D   a job that should have moved so long ago hangs: 90s, 15m, 2h (default 1h)
  --owners N          how many owners of a day have a line of their own (default 10)
  --max-violations N  how many violations are told; all are counted (default 100)
  --no-read-model     do not look at the read model
  --no-nats           do not look at the messages
  --seal              check the seals; prints their head. Keep it elsewhere and give it back with --last-seal,
                      for an end that was cut off together with its seals cannot be seen from inside
  --last-seal HEAD    a head that an earlier run printed, or a file that holds it; it must be in the log
${keyUsage}
${paceUsage}
  --json              JSON lines instead of text

Exit codes: 0 no violation; 1 it could not finish, nothing is proved; 2 wrong flags; 3 there are violations.
`;

const VIOLATIONS = 3;
const TICKS_PER_MS = 10_000n;

const readMessages = async (
  access: BrokerAccess,
  check: MessageCheck,
  signal: AbortSignal,
): Promise<number> => {
  const broker = await connectBroker({ ...access, name: 'punctual-audit' });
  let messages = 0;
  try {
    await readStoredMessages(
      broker.connection,
      (message) => {
        messages += 1;
        check.expect(message);
      },
      signal,
    );
  } finally {
    await broker.close();
  }
  return messages;
};

/** Of the log, as far as positions tell it. */
const shareOf = (position: bigint, { start }: VerifyFlags, newest: bigint | undefined): number => {
  const begin = start.kind === 'after-position' ? start.position : 0n;
  const length = Number((newest ?? 0n) - begin);
  return length <= 0 ? 1 : Math.min(1, Number(position - begin) / length);
};

/** When the last job must have moved: now, or when the window ends. */
const nowOf = ({ end }: VerifyFlags, { storedTicks }: Verified): number => {
  if (end.kind === 'before-time') return Number(end.ticks / TICKS_PER_MS);
  if (end.kind === 'at-position' && storedTicks !== undefined)
    return Number(storedTicks / TICKS_PER_MS);
  return systemClock.now();
};

type Counts = { readonly audit: JobAudit; readonly messages: number | undefined };

const tellSummary = (
  { events, position }: Verified,
  { audit, messages }: Counts,
  violations: number,
  elapsedMs: number,
  report: Report,
): void => {
  const perSecond = Math.round((events * 1_000) / Math.max(1, elapsedMs));
  const jobs = audit.size();
  const sent = messages === undefined ? '' : `, ${messages} messages`;
  report.tell(
    'summary',
    { events, jobs, ...(messages !== undefined && { messages }), violations, perSecond, position },
    `${events} events of ${jobs} jobs${sent} up to position ${position ?? 'none'}: ${violations} violations (${perSecond} events/s)`,
  );
};

const verify = async (
  flags: VerifyFlags,
  opened: Opened,
  { signal, env, report }: Pick<Surroundings, 'signal' | 'env'> & { readonly report: Report },
): Promise<number> => {
  const found = violationsUpTo(flags.maxViolations);
  const audit = jobAudit(found.report);
  const { read, scan, rows, nats } = opened;
  const seals = flags.seals && (await sealsToCheck(flags.seals, opened.seals, { env }));
  const newest = await opened.newest();
  const expected = messageCheck(read);
  const messages = nats === undefined ? undefined : await readMessages(nats, expected, signal);

  const jobs = jobCheck({ audit, start: flags.start, read });
  const startMs = performance.now();
  const verified = await verifyLog({
    ...{ scan, audit, signal },
    ...{ start: flags.start, end: flags.end, report: found.report },
    ...(rows && { rows }),
    checks: [jobs, expected, hiddenEvents(), ...(seals ? [seals] : [])],
    progress: {
      events: (events, position) =>
        report.progress('verifying', events, shareOf(position, flags, newest)),
      rows: (count) => report.progress('comparing rows', count),
    },
  });
  const elapsedMs = performance.now() - startMs;
  const books = audit.end(nowOf(flags, verified), flags.overdueAfterMs);
  found.tell(report);
  tellBooks(books, flags.owners, report);
  if (seals) tellSeals(seals.summary(), report);
  tellSummary(verified, { audit, messages }, found.total(), elapsedMs, report);
  return found.total() > 0 ? VIOLATIONS : exitCode.done;
};

const run: Verb['run'] = async (args, surroundings) => {
  const flags = parseVerifyFlags(args);
  const servers = await serversFrom(flags.servers, surroundings);
  const report = reportTo(surroundings, flags.isJson);
  const opened = openToVerify(servers, flags, surroundings.signal);
  const { signal, env } = surroundings;
  try {
    const code = await verify(flags, opened, { signal, env, report });
    await opened.close();
    return code;
  } finally {
    report.end(); // after a failure the end of the process closes the connections: a read cut short holds them
  }
};

export const auditVerify: Verb = {
  summary: 'hold the log, the read model and the messages against the promises',
  usage,
  run,
};
