import { logAudit } from '../../../domain/audit/log-audit';
import { calendarsBy } from '../../../domain/schedule/calendars';
import { systemClock } from '../../../infra/clock';
import { connectBroker } from '../../../infra/nats/connection';
import { readStoredMessages } from '../../../infra/nats/stored-messages';
import { keptCalendars } from '../../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { goneStreams, readIfThere } from '../../../projections/audit/gone-streams';
import { messageCheck, type MessageCheck } from '../../../projections/audit/message-check';
import { streamCheck } from '../../../projections/audit/stream-check';
import { verifyLog, type Verified } from '../../../projections/audit/verify';
import { weighed } from '../../../projections/audit/weighed';
import { parseVerifyFlags, type VerifyFlags } from './flags';
import { findingsUpTo, tellBooks, tellSchedules } from './text';
import { sealsToCheck, tellSeals } from './seals';
import { openToVerify, type Opened } from './servers';
import { TICKS_PER_MS } from '../../flag-values';
import { paceUsage } from '../../pace';
import { reportTo, type Report } from '../../report';
import { keyUsage } from '../seal-keys';
import { serversFrom, serverUsage } from '../../servers';
import { exitCode, type Context, type Verb } from '../../verb';

const usage = `usage: punctual audit verify [flags]

Holds the log against the promises: every accepted schedule has an outcome or waits, nothing starts early,
twice or after its cancel, statuses change as they may, revisions have no gaps; what the rule of a schedule has is
planned or skipped, in order and once, and what was planned has its job; operations go through their jobs in order
and once. Then it holds the read model
and the messages of the broker against the log; with --seal also the log against its seals, which finds every
event that was changed, removed, added or moved after it was sealed. Tells each violation with its events, what
became of all jobs by day and owner, and how many violations there are. What an administrator of the event store
has truncated, deleted or hidden is told apart: no violation, and not proved. Changes nothing, and may run beside
a system at work.

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

Exit codes: 0 no violation; 1 it could not finish, nothing is proved; 2 wrong flags; 3 there are violations; 4 no
violation in what is there, and something is gone.
`;

const VIOLATIONS = 3;
/** Of rules whose calendars are kept: some 20,000 ordinary ones, of some kilobytes each. */
const KEPT_RULE_CHARACTERS = 24_000_000;
/** No violation, and not all can be looked at. */
const GONE = 4;

const readMessages = async (
  { access, names }: NonNullable<Opened['nats']>,
  check: MessageCheck,
  signal: AbortSignal,
): Promise<number> => {
  const broker = await connectBroker({ ...access, name: 'punctual-audit' });
  let messages = 0;
  try {
    await readStoredMessages(
      broker.connection,
      names,
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

type Counts = {
  readonly jobs: number;
  readonly schedules: number;
  readonly operations: number;
  readonly messages: number | undefined;
  readonly foreignEvents: number;
  readonly violations: number;
  readonly gone: number;
};

const tellSummary = (
  { events, position }: Verified,
  { jobs, schedules, operations, messages, foreignEvents, violations, gone }: Counts,
  elapsedMs: number,
  report: Report,
): void => {
  const perSecond = Math.round((events * 1_000) / Math.max(1, elapsedMs));
  const foreign =
    foreignEvents === 0
      ? ''
      : `, ${foreignEvents} events of other programs' job-…, schedule-… and operation-… streams`;
  const notProved = gone === 0 ? '' : `, ${gone} findings of what is gone and cannot be proved`;
  const sent = messages === undefined ? '' : `, ${messages} messages`;
  report.tell(
    'summary',
    {
      events,
      jobs,
      schedules,
      operations,
      ...(messages !== undefined && { messages }),
      violations,
      gone,
      foreignEvents,
      perSecond,
      position,
    },
    `${events} events of ${jobs} jobs, ${schedules} schedules and ${operations} operations${sent}${foreign} up to position ${position ?? 'none'}: ${violations} violations${notProved} (${perSecond} events/s)`,
  );
};

const verify = async (
  flags: VerifyFlags,
  opened: Opened,
  { signal, env, report }: Pick<Context, 'signal' | 'env'> & { readonly report: Report },
): Promise<number> => {
  const violations = findingsUpTo(flags.maxViolations, 'violation');
  const gone = findingsUpTo(flags.maxViolations, 'gone');
  const { scan, rows, nats } = opened;
  await opened.requireSameSystem();
  const read = readIfThere(opened.read);
  const isWindow = flags.start.kind === 'after-position';
  const calendars = keptCalendars(calendarsBy(pinnedZones), KEPT_RULE_CHARACTERS);
  const audit = logAudit((violation) => weighing.report(violation), calendars, !isWindow);
  const { jobs, schedules, operations, webhooks } = audit;
  const audits = [jobs, schedules, operations, webhooks];
  const streams = goneStreams({ audits, read, isWindow });
  const weighing = weighed(violations.report, streams);
  const seals = flags.seals && (await sealsToCheck(flags.seals, opened.seals, { env }));
  const newest = await opened.newest();
  const expected = messageCheck(read, streams.isGone);
  const messages = nats === undefined ? undefined : await readMessages(nats, expected, signal);

  const own = streamCheck({ audit, start: flags.start, read });
  const startMs = performance.now();
  const verified = await verifyLog({
    scan,
    audit,
    signal,
    start: flags.start,
    end: flags.end,
    report: weighing.report,
    ...(rows && { rows }),
    checks: [own, streams, expected, ...(seals ? [seals] : [])],
    progress: {
      events: (events, position) =>
        report.progress('verifying', events, shareOf(position, flags, newest)),
      rows: (count) => report.progress('comparing rows', count),
    },
  });
  const elapsedMs = performance.now() - startMs;
  const ended = audit.end(nowOf(flags, verified), flags.overdueAfterMs);
  const beside = weighing.settle();
  for (const one of [...streams.found(), ...beside]) gone.report(one);
  violations.tell(report);
  gone.tell(report);
  tellBooks(ended.accounts, flags.owners, report);
  tellSchedules(ended.schedules, pinnedZones.version, report);
  if (seals) tellSeals(seals.summary(), report);
  const counts = { violations: violations.total(), gone: gone.total() };
  const sizes = {
    ...{ jobs: jobs.size(), schedules: schedules.size(), operations: operations.size() },
  };
  const foreignEvents = own.foreignEvents();
  tellSummary(verified, { ...sizes, messages, foreignEvents, ...counts }, elapsedMs, report);
  if (counts.violations > 0) return VIOLATIONS;
  return counts.gone > 0 ? GONE : exitCode.done;
};

const run: Verb['run'] = async (args, context) => {
  const flags = parseVerifyFlags(args);
  const servers = await serversFrom(flags.servers, context);
  const report = reportTo(context, flags.isJson);
  const opened = openToVerify(servers, flags, context.signal);
  const { signal, env } = context;
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
