import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { sealCheck, type SealSummary } from '../domain/audit/seal/check';
import type { Violation } from '../domain/audit/violation';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreScan } from '../infra/eventstore/log-scan';
import { eventStoreSeals } from '../infra/eventstore/seals';
import { sha256 } from '../infra/sha256';
import { reportTo, type Report } from './report';
import { keyFlags, keyUsage, publicKeysFrom } from './seal-keys';
import { serverFlags, serversFrom, serverUsage } from './servers';
import { exitCode, UsageError, type Verb } from './verb';

const usage = `usage: punctual audit verify-seal [flags]

Compares the whole log with its seals: finds every event that was changed, removed, added or moved after it
was sealed, and names the first of each block. Prints the head of the seals; keep it elsewhere and give it back
with --last-seal, for an end that was cut off together with its seals cannot be seen from inside.

${serverUsage}
${keyUsage}
  --last-seal HEAD    a head that an earlier run printed, or a file that holds it; it must be in the log
  --json              JSON lines instead of text

Exit codes: 0 no violation; 1 it could not finish, nothing is proved; 2 wrong flags; 3 there are violations.
`;

const VIOLATIONS = 3;

const headIn = (text: string): string | undefined => /\b[0-9a-f]{64}\b/.exec(text)?.[0];

/** @throws UsageError */
const lastSealFrom = async (given: string | undefined): Promise<string | undefined> => {
  if (given === undefined) return undefined;
  const head = headIn(given) ?? headIn(await readFile(given, 'utf8').catch(() => ''));
  if (head !== undefined) return head;
  throw new UsageError(
    `--last-seal ${given} is neither a head, 64 hexadecimal digits, nor a file with one`,
  );
};

const tellViolation = ({ rule, subject, message, events }: Violation, report: Report): void => {
  const places = events.map(
    ({ stream, revision, position, type }) =>
      `\n    ${type}, revision ${revision} of ${stream}, position ${position}`,
  );
  report.tell(
    'violation',
    { rule, subject, message, events },
    `${rule}  ${subject}\n    ${message}${places.join('')}`,
  );
};

const summaryText = (summary: SealSummary, violations: number): string => {
  const { blocks, sealedEvents, notSealedYet, uncovered, head } = summary;
  return [
    `${sealedEvents} events in ${blocks} sealed blocks, ${violations} violations`,
    `not sealed yet: ${notSealedYet} events`,
    ...(uncovered > 0 ? [`covered by no seal that can be trusted: ${uncovered} events`] : []),
    ...(head === undefined ? [] : [`head ${head}`]),
  ].join('\n');
};

const run: Verb['run'] = async (args, surroundings) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...serverFlags,
      ...keyFlags,
      'last-seal': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const url = (await serversFrom(values, surroundings)).eventstoreUrl();
  const keys = await publicKeysFrom(values, surroundings);
  const lastSeal = await lastSealFrom(values['last-seal']);
  const report = reportTo(surroundings, values.json);
  const client = openEventStore(url);
  try {
    const { seals, readAt } = await eventStoreSeals(client).all();
    const check = sealCheck({ seals, sealsReadAt: readAt, keys, sha256, lastSeal });
    let events = 0;
    for await (const batch of eventStoreScan(client)({ after: 'start' }, surroundings.signal)) {
      check.take(batch);
      events += batch.length;
      const position = batch.at(-1)?.position ?? 0n;
      const share = readAt > 0n ? Math.min(1, Number(position) / Number(readAt)) : undefined;
      report.progress('checking the seals', events, share);
    }
    surroundings.signal.throwIfAborted();
    const violations = check.end();
    for (const violation of violations) tellViolation(violation, report);
    const summary = check.summary();
    report.tell(
      'summary',
      { ...summary, violations: violations.length },
      summaryText(summary, violations.length),
    );
    return violations.length === 0 ? exitCode.done : VIOLATIONS;
  } finally {
    report.end();
    await closeEventStore(client);
  }
};

export const auditVerifySeal: Verb = { summary: 'compare the log with its seals', usage, run };
