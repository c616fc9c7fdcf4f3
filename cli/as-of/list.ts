import type { Instant } from '../../domain/time';
import {
  pastJobs,
  type PastJobs,
  type PastListRequest,
} from '../../projections/queries/past/jobs-as-of';
import { TooManyJobs } from '../../projections/queries/past/past-fold';
import { pastSnapshots } from '../../projections/queries/past/past-snapshots';
import { tableText } from './texts';
import { reportTo, type Report } from '../report';
import type { Servers } from '../servers';
import type { Context } from '../verb';
import { withReadModel } from './read-model';

/** A job takes about a kilobyte of memory. */
const MAX_JOBS = 1_000_000;

/** How far the fold has come on its way from the first time it saw to the one that is asked for. */
const shareOf = (asOf: PastListRequest['asOf']) => {
  let firstAt: Instant | undefined;
  return (at: Instant): number | undefined => {
    firstAt ??= at;
    if (asOf.kind === 'position' || asOf.at <= firstAt) return undefined;
    return Math.min(1, Math.max(0, (at - firstAt) / (asOf.at - firstAt)));
  };
};

const tellPage = (
  report: Report,
  items: Parameters<typeof tableText>[0],
  isJson: boolean,
): void => {
  if (isJson) for (const job of items) report.tell('job', job, '');
  else report.tell('jobs', {}, tableText(items));
};

/** Lets work with lists of the past. @throws Error that says how to narrow them when they are of too many jobs */
export const withPast = async (
  servers: Servers,
  report: Report,
  work: (past: PastJobs) => Promise<void>,
): Promise<void> => {
  try {
    await withReadModel(servers, ({ log, scan, db }) =>
      work(
        pastJobs({
          ...{ snapshots: pastSnapshots(db), scan, log },
          ...{ maxJobs: MAX_JOBS, keptLists: 1, keptJobs: 0 },
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof TooManyJobs)) throw error;
    throw new Error(`the list is of ${error.message}: narrow it with --owner`, { cause: error });
  } finally {
    report.end();
  }
};

/** Tells the list. */
export const listPast = async (
  servers: Servers,
  asked: Pick<PastListRequest, 'asOf' | 'filter' | 'limit'>,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withPast(servers, report, async (past) => {
    const share = shareOf(asked.asOf);
    const { items } = await past.list({
      ...asked,
      signal: context.signal,
      onProgress: (events, at) => {
        report.progress('folding', events, share(at));
      },
    });
    report.end();
    tellPage(report, items, isJson);
  });
};
