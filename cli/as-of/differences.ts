import { quoted, word } from '../../domain/audit/phrases';
import { readDifferenceKinds, type DifferenceKind } from '../../domain/job/difference';
import { toTimestamp } from '../../domain/time';
import type {
  DifferencesRequest,
  JobDifference,
  JobThen,
} from '../../projections/queries/past/past-differences';
import { withPast } from './list';
import { reportTo } from '../report';
import type { Servers } from '../servers';
import { aligned } from '../table';
import { UsageError, type Context } from '../verb';

/** @throws UsageError */
export const changesFrom = (
  text: string | undefined,
): { readonly changes?: readonly DifferenceKind[] } => {
  if (text === undefined) return {};
  const read = readDifferenceKinds(text);
  if ('problem' in read)
    throw new UsageError(`--change ${text} is none of appeared, left, status-changed, moved`);
  return { changes: read.value };
};

const HEADINGS = ['CHANGE', 'BEFORE', 'AFTER', 'QUEUE', 'OWNER', 'JOB', 'NAME'];

const thenText = (then: JobThen | undefined): string =>
  then ? `${then.status}, due ${toTimestamp(then.dueAt)}` : '-';

const cells = ({ change, before, after, queue, ownerId, jobId, name }: JobDifference) => [
  ...[change, thenText(before), thenText(after)],
  ...[word(queue), word(ownerId), jobId, quoted(name)],
];

const dated = (then: JobThen | undefined) => then && { ...then, dueAt: toTimestamp(then.dueAt) };

/** Tells in what a list differs between two moments: the counts, then job by job. */
export const tellDifferences = async (
  servers: Servers,
  asked: Omit<DifferencesRequest, 'signal' | 'onProgress' | 'after'>,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withPast(servers, report, async (past) => {
    const { counts, items } = await past.differences({
      ...asked,
      signal: context.signal,
      onProgress: (events) => {
        report.progress('folding', events, undefined);
      },
    });
    report.end();
    const sum = Object.entries(counts).map(([change, jobs]) => `${jobs} ${change}`);
    report.tell('counts', counts, sum.join(', '));
    if (!isJson) {
      if (items.length > 0)
        report.tell('differences', {}, aligned([HEADINGS, ...items.map(cells)], 7).join('\n'));
      return;
    }
    for (const { before, after, ...job } of items)
      report.tell('difference', { ...job, before: dated(before), after: dated(after) }, '');
  });
};
