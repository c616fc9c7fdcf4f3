import { quoted, word } from '../../domain/audit/phrases';
import type { DeadLetterCause } from '../../projections/queries/dead-letters';
import type { PastDeadLettersRequest } from '../../projections/queries/past/jobs-as-of';
import { reportTo } from '../report';
import type { Servers } from '../servers';
import { aligned } from '../table';
import type { Context } from '../verb';
import { withPast } from './list';

const HEADINGS = ['ERROR', 'QUEUE', 'JOBS', 'FIRST', 'LAST', 'JOB', 'SAID'];

const cells = ({ errorCode, queue, jobs, firstAt, lastAt, last }: DeadLetterCause) => [
  ...[quoted(errorCode), word(queue), String(jobs), firstAt, lastAt],
  ...[last.jobId, quoted(last.message)],
];

/** Tells which jobs had failed for good by then, by cause. */
export const tellDeadLetters = async (
  servers: Servers,
  asked: Omit<PastDeadLettersRequest, 'signal' | 'onProgress'>,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withPast(servers, report, async (past) => {
    const { causes } = await past.deadLetters({
      ...asked,
      signal: context.signal,
      onProgress: (events) => {
        report.progress('folding', events, undefined);
      },
    });
    report.end();
    if (isJson) for (const cause of causes) report.tell('cause', cause, '');
    else report.tell('causes', {}, aligned([HEADINGS, ...causes.map(cells)], 7).join('\n'));
  });
};
