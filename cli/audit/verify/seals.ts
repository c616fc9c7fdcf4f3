import { readFile } from 'node:fs/promises';
import { sealCheck, type SealCheck, type SealSummary } from '../../../domain/seal/check';
import type { SealStream } from '../../../projections/reading/seal-stream';
import { sha256 } from '../../../infra/sha256';
import type { Report } from '../../report';
import { publicKeysFrom } from '../seal-keys';
import { UsageError, type Context } from '../../verb';

/** What `audit verify` is told about seals. */
export type SealFlags = {
  readonly publicKeys: readonly string[] | undefined;
  readonly dataDir: string | undefined;
  readonly lastSeal: string | undefined;
};

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

/**
 * Makes the check of the seals, which then wants the log from its first event to its end.
 *
 * @param seals  the seals that are there now
 * @throws UsageError for keys and heads that are none
 */
export const sealsToCheck = async (
  { publicKeys, dataDir, lastSeal }: SealFlags,
  seals: Pick<SealStream, 'all'>,
  context: Pick<Context, 'env'>,
): Promise<SealCheck> => {
  const given = { 'public-key': publicKeys, 'data-dir': dataDir };
  const keys = await publicKeysFrom(given, context);
  const head = await lastSealFrom(lastSeal);
  const { seals: stored, readAt } = await seals.all();
  return sealCheck({ seals: stored, sealsReadAt: readAt, keys, sha256, lastSeal: head });
};

const summaryText = ({
  blocks,
  sealedEvents,
  notSealedYet,
  uncovered,
  head,
}: SealSummary): string =>
  [
    `${sealedEvents} events in ${blocks} sealed blocks; not sealed yet: ${notSealedYet} events`,
    ...(uncovered > 0 ? [`covered by no seal that can be trusted: ${uncovered} events`] : []),
    ...(head === undefined ? [] : [`head ${head}`]),
  ].join('\n');

export const tellSeals = (summary: SealSummary, report: Report): void => {
  report.tell('seals', summary, summaryText(summary));
};
