import { leafHasher } from '../../../domain/seal/block';
import { merkleRoot } from '../../../domain/seal/merkle';
import { toHex } from '../../../domain/seal/text';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreScan } from '../../../infra/eventstore/log-scan';
import { sha256 } from '../../../infra/sha256';
import { claimOf, parseExportFlags, type Wanted } from './flags';
import { blockLines, endLine, headerLine } from './lines';
import { eventsOf, planOf, type Source } from './plan';
import { livenessOf, paceUsage, pacingFrom } from '../../pace';
import { reportTo, type Report } from '../../report';
import { serversFrom, serverUsage } from '../../servers';
import { exitCode, Failure, type Context, type Verb } from '../../verb';
import { STDOUT, writeOut, type Write } from '../../write-out';

const usage = `usage: punctual audit export --from PLACE --to PLACE --out FILE|- [flags]
       punctual audit export --job ID --out FILE|- [flags]

Writes events with the seals and proofs that show that they are as they were sealed and that none is missing.
Whoever has the file and the public key checks it without us: node verify-export.mjs FILE PUBLIC_KEY.pem
FILE appears when it is whole; until then it is FILE.part.

  --from PLACE        a time (2026-11-23T10:00:00Z) or a position; inclusive
  --to PLACE          a time (exclusive) or a position (inclusive)
  --job ID            all events of one job instead of a window
  --out FILE          where to write; - is stdout: it is whole when it ends with a line of the kind end
${paceUsage}
${serverUsage}
  --json              JSON lines instead of text; with --out - only what went wrong is told, behind what was written

Exit codes: 0 written; 1 it failed, there is no file; 2 wrong flags; 3 the log does not match its seals;
4 nothing of it is sealed yet; 5 there is no such job, or its first events are gone.
`;

const MISMATCH = 3;

/** @throws Failure when a block is not as it was sealed */
const write = async (
  wanted: Wanted,
  source: Source,
  append: Write,
  { signal, report }: Pick<Context, 'signal'> & { readonly report: Report },
): Promise<number> => {
  const { seals, picks } = await planOf(wanted, source, signal);
  const leafOf = leafHasher(sha256);
  let events = 0;
  await append(headerLine(claimOf(wanted)));
  for (const [done, seal] of seals.entries()) {
    const inBlock = await eventsOf(source.scan, seal, signal);
    signal.throwIfAborted();
    const leaves = inBlock.map(leafOf);
    if (leaves.length === 0 || toHex(merkleRoot(leaves, sha256)) !== seal.root)
      throw new Failure(
        MISMATCH,
        `block ${seal.block} is not as it was sealed, or events of it are gone: punctual audit verify tells`,
      );
    const picked = picks(inBlock, seal);
    if (picked.length > 0) await append(blockLines(seal, inBlock, leaves, picked));
    events += picked.filter(({ role }) => role === 'window').length;
    report.progress('exporting', events, (done + 1) / seals.length);
  }
  await append(endLine(events));
  return events;
};

const nowhere: Report = { progress: () => undefined, tell: () => undefined, end: () => undefined };

/** Stdout may be where the export goes: then it is for nothing else. */
const reportBeside = (out: string, context: Context, isJson: boolean): Report => {
  if (out !== STDOUT) return reportTo(context, isJson);
  const { stderr } = context;
  return isJson ? nowhere : reportTo({ stdout: stderr, stderr }, false);
};

const run: Verb['run'] = async (args, context) => {
  const { values, wanted, out, isJson } = parseExportFlags(args);
  const servers = await serversFrom(values, context);
  const url = servers.eventstoreUrl();
  const { signal, stdout } = context;
  const report = reportBeside(out, context, isJson);
  const liveness = livenessOf(servers.knownPostgresUrl());
  const pacing = pacingFrom(values, liveness);
  const client = openEventStore(url);
  const { streams } = servers.names;
  const source = { client, streams, scan: pacing.scan(eventStoreScan(client, streams)) };
  try {
    const events = await writeOut(out, stdout, (append) =>
      write(wanted, source, append, { signal, report }),
    );
    report.tell('summary', { events, file: out }, `wrote ${events} events to ${out}`);
    return exitCode.done;
  } finally {
    report.end();
    await liveness.close();
    await closeEventStore(client);
  }
};

export const auditExport: Verb = { summary: 'write events with the proof of them', usage, run };
