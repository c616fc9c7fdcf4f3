import { parseArgs } from 'node:util';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { reportTo } from '../report';
import { aligned } from '../table';
import { exitCode, UsageError, type Verb } from '../verb';
import { operationText, type OperationAnswer } from './text';

const usage = `usage: punctual operations start KIND [--status STATUS,…] [--from TIME] [--to TIME] [--tag TAG] [--queue NAME]
                                       [--schedule ID] [--error-code CODE] [--q TEXT] [--owner ID] [--by DURATION]
                                       [--dry-run [--since TIME]]
       punctual operations start KIND --all …
       punctual operations start KIND --job ID --job ID … [--by DURATION] [--dry-run]

Changes many jobs: cancel, move or redrive. A filter is read once: jobs that are scheduled later are not among it.

  --status STATUS,…   default: those that can be changed
  --from, --to        due at this time or later; due before this time, RFC 3339
  --tag, --queue, --schedule, --q, --owner
                      has this tag; goes to this queue; comes from this schedule; part of the name; for operators:
                      those of one owner
  --error-code CODE   failed for good with an error of this code
  --all               no filter at all
  --job ID            this one; several times
  --by DURATION       of a move: PT90M for 90 minutes later, --by=-P1D for a day earlier
  --reason TEXT       for the history
  --dry-run           changes nothing: how many jobs it would be about, why not the others, and the first of them
  --since TIME        of a dry run: also how many have started since then
${apiUsage}
`;

type DryRun = {
  readonly count: number;
  readonly sample: readonly {
    readonly jobId: string;
    readonly name: string;
    readonly status: string;
    readonly dueAt: string;
  }[];
  readonly others: readonly { readonly status: string; readonly count: number }[];
  readonly isComplete: boolean;
  readonly startedSince?: number;
  /** Where jobs are named. */
  readonly unknown?: number;
};

const filterFlags = {
  status: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  tag: { type: 'string' },
  queue: { type: 'string' },
  schedule: { type: 'string' },
  'error-code': { type: 'string' },
  q: { type: 'string' },
  owner: { type: 'string' },
} as const;

const given = (members: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

type Values = { readonly [Name in keyof typeof filterFlags]?: string | undefined } & {
  readonly job?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
};

/** Which jobs: nothing at all is not taken for all of them. @throws UsageError */
const selectionOf = ({ job, all, status, schedule, owner, ...rest }: Values): object => {
  const filter = given({
    ...{ from: rest.from, to: rest.to, tag: rest.tag, queue: rest.queue, q: rest.q },
    ...{
      status: status?.split(','),
      scheduleId: schedule,
      ownerId: owner,
      errorCode: rest['error-code'],
    },
  });
  const isFiltered = Object.keys(filter).length > 0;
  const ways = [job !== undefined, all === true, isFiltered].filter(Boolean).length;
  if (ways !== 1) throw new UsageError('give a filter, or --all, or --job');
  return job ? { jobIds: job } : { filter };
};

const dryRunText = (
  { count, sample, others, isComplete, startedSince, unknown = 0 }: DryRun,
  since: string | undefined,
): string => {
  const atLeast = isComplete ? '' : '+';
  return [
    [
      `${count} jobs`,
      ...others.map((other) => `${other.count}${atLeast} ${other.status}`),
      ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ].join(', not '),
    ...(startedSince === undefined ? [] : [`  started since ${since}: ${startedSince}${atLeast}`]),
    ...aligned(
      sample.map(({ jobId, name, status, dueAt }) => ['', jobId, status, dueAt, name]),
      5,
    ),
  ].join('\n');
};

export const start: Verb = {
  summary: 'cancel, move or redrive many jobs',
  usage,
  run: async (args, context) => {
    const options = {
      ...{ ...apiFlags, ...filterFlags },
      job: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      by: { type: 'string' },
      reason: { type: 'string' },
      'dry-run': { type: 'boolean' },
      since: { type: 'string' },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [kind, another] = positionals;
    if (kind === undefined || another !== undefined)
      throw new UsageError('give one of cancel, move and redrive');
    const { by, reason, since } = values;
    const body = {
      ...{ kind, ...selectionOf(values) },
      ...given({ by, reason, since, dryRun: values['dry-run'] }),
    };
    const { ask } = await apiFrom(values, context);
    const report = reportTo(context, values.json);
    if (values['dry-run']) {
      const answer = await ask<DryRun>('POST', '/v1/operations', body);
      report.tell('dry-run', answer, dryRunText(answer, since));
    } else {
      const answer = await ask<OperationAnswer>('POST', '/v1/operations', body);
      report.tell('operation', answer, operationText(answer));
    }
    return exitCode.done;
  },
};
