import type { JobStatus, Operation, OperationKind } from '../http/answers';
import { count } from '../time/format';

/** What a kind of operation can change. */
const CHANGEABLE: Readonly<Record<OperationKind, readonly JobStatus[]>> = {
  cancel: ['scheduled', 'queued'],
  move: ['scheduled', 'queued'],
  redrive: ['failed'],
};

const KINDS = ['cancel', 'move', 'redrive'] as const satisfies readonly OperationKind[];

/** Kinds that can change jobs of these statuses; all of them where none is given. */
export const kindsFor = (statuses: readonly string[] | undefined): readonly OperationKind[] =>
  KINDS.filter((kind) => !statuses || CHANGEABLE[kind].some((status) => statuses.includes(status)));

/** Of these statuses those that the kind can change; undefined: it needs no naming. */
export const changeableOf = (
  kind: OperationKind,
  statuses: readonly string[] | undefined,
): readonly JobStatus[] | undefined =>
  statuses && CHANGEABLE[kind].filter((status) => statuses.includes(status));

export const VERBS: Readonly<Record<OperationKind, string>> = {
  cancel: 'Cancel',
  move: 'Move',
  redrive: 'Run again',
};

const jobs = (many: number): string => (many === 1 ? '1 job' : `${count(many)} jobs`);

/** `Cancel 214 jobs`: what a button does. */
export const deed = (kind: OperationKind, many: number): string =>
  kind === 'redrive' ? `Run ${jobs(many)} again` : `${VERBS[kind]} ${jobs(many)}`;

/** What narrows a list, as the API and the address have it. */
export type Narrowed = {
  readonly status?: string | readonly string[] | undefined;
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  readonly queue?: string | undefined;
  readonly scheduleId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** The jobs of a filter, in words. */
export const narrowedWords = (filter: Narrowed): string => {
  const { status, q, tag, queue, scheduleId, errorCode, ownerId, from, to } = filter;
  const statuses = typeof status === 'string' ? status.split(',') : status;
  const words = [
    statuses ? `${statuses.join(' or ')} jobs` : 'jobs',
    ...(errorCode === undefined ? [] : [`with error ${errorCode}`]),
    ...(queue === undefined ? [] : [`in queue ${queue}`]),
    ...(tag === undefined ? [] : [`tagged ${tag}`]),
    ...(q === undefined ? [] : [`named “${q}”`]),
    ...(scheduleId === undefined ? [] : [`of schedule ${scheduleId}`]),
    ...(ownerId === undefined ? [] : [`of ${ownerId}`]),
    ...(from === undefined ? [] : [`due from ${from}`]),
    ...(to === undefined ? [] : [`due before ${to}`]),
  ];
  return words.join(' ');
};

const whichOf = ({ filter, undoes, items }: Operation): string => {
  if (undoes !== undefined) return 'jobs back to where they were';
  if (filter) return narrowedWords(filter);
  return items === null ? 'chosen jobs' : `${count(items)} chosen ${items === 1 ? 'job' : 'jobs'}`;
};

/** What an operation is, as a title. */
export const operationTitle = (operation: Operation): string => {
  const { kind, by } = operation;
  const which = whichOf(operation);
  if (kind === 'redrive') return `Run ${which} again`;
  if (by === undefined) return `${VERBS[kind]} ${which}`;
  const isEarlier = by.startsWith('-');
  return `Move ${which} by ${spanWords(by)} ${isEarlier ? 'earlier' : 'later'}`;
};

/** `PT1H30M` as people write it. */
const spanWords = (by: string): string =>
  [...by.matchAll(/([\d.]+)([DHMS])/g)]
    .map(([, many = '', unit = '']) => `${many} ${SPAN_UNITS[unit] ?? unit}`)
    .join(' ');

const SPAN_UNITS: Readonly<Record<string, string>> = { D: 'd', H: 'h', M: 'min', S: 's' };

export const STATUS_WORDS: Readonly<Record<Operation['status'], string>> = {
  selecting: 'looking its jobs up',
  running: 'running',
  stopping: 'stopping',
  completed: 'done',
  stopped: 'stopped',
};

/** Whether something is still to be done. */
export const isOpen = ({ endedAt }: Operation): boolean => endedAt === null;

const REFUSALS: Readonly<Record<string, string>> = {
  'job-running': 'it has started',
  'job-finished': 'it has ended',
  'job-cancelled': 'it was cancelled',
  'job-expired': 'it has expired',
  'job-not-failed': 'it has not failed for good',
  'cutoff-passed': 'changes of it had ended',
  'due-in-past': 'that would have been in the past',
  'due-too-far': 'that would have been more than a year ahead',
  'job-moved-since': 'somebody has moved it since',
  'job-not-found': 'there is no such job',
  'job-unreadable': 'its history cannot be read',
  'job-history-gone': 'its history is gone',
  contended: 'too many change it at once',
};

/** Why a job was not changed, in words. */
export const refusalText = (code: string | undefined): string =>
  code === undefined ? 'refused' : `refused: ${REFUSALS[code] ?? code}`;
