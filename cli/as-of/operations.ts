import { operationAsOf, operationItemsAsOf } from '../../commands/operations/operation-as-of';
import {
  pastOperationList,
  type PastOperationListRequest,
} from '../../commands/operations/past-list';
import { word } from '../../domain/audit/phrases';
import { readOperationStatuses, type OperationFilter } from '../../domain/operation/filter';
import { pageOfItems, type FoldedItem } from '../../domain/operation/items';
import { operationStatuses } from '../../domain/operation/state';
import { operationViewOf, type OperationView } from '../../domain/operation/view';
import { operationList } from '../../projections/queries/operations/list';
import { progressText, whatText } from '../operations/text';
import { reportTo } from '../report';
import type { Servers } from '../servers';
import { aligned } from '../table';
import { UsageError, type Context } from '../verb';
import { withReadModel } from './read-model';
import type { Tell } from './telling';
import { fieldsText } from './texts';

const TOO_LONG = 'it was stopped before the end of the stream';

/** The log alone says whose it is. */
const ownerOf = (): Promise<undefined> => Promise.resolve(undefined);

export const tellOperation: Tell = async (log, { id, report, ...asked }) => {
  const past = await operationAsOf({ log, ownerOf })({ operationId: id, ...asked });
  if (past.outcome === 'too-long') throw new Error(TOO_LONG);
  if (past.outcome === 'none') return false;
  const operation = operationViewOf(id, past.known);
  report.tell('operation', operation, fieldsText(operation));
  return true;
};

const itemCells = (item: FoldedItem): readonly string[] => [
  String(item.item),
  item.jobId,
  item.outcome === 'refused' ? `refused: ${item.code}` : item.outcome,
];

export const tellItems: Tell = async (log, { id, report, limit = Infinity, ...asked }) => {
  const past = await operationItemsAsOf({ log, ownerOf })({ operationId: id, ...asked });
  if (past.outcome === 'too-long') throw new Error(TOO_LONG);
  if (past.outcome === 'none') return false;
  const { operation, batches } = past.known;
  const { items } = pageOfItems(batches, operation.endedAt !== undefined, { limit });
  for (const item of items) report.tell('item', item, itemCells(item).join('  '));
  return true;
};

/** @throws UsageError */
export const operationFilterFrom = ({
  owner,
  status,
}: {
  readonly owner?: string | undefined;
  readonly status?: string | undefined;
}): OperationFilter => {
  const statuses = status === undefined ? undefined : readOperationStatuses(status);
  if (statuses && 'problem' in statuses)
    throw new UsageError(`--status ${status} is none of ${operationStatuses.join(', ')}`);
  return {
    ...(owner !== undefined && { ownerId: owner }),
    ...(statuses && { status: statuses.value }),
  };
};

const HEADINGS = ['OPERATION', 'STATUS', 'STARTED', 'OWNER', 'WHAT', 'PROGRESS'];

const cells = (one: OperationView): readonly string[] => [
  ...[one.operationId, one.status, one.startedAt, word(one.ownerId)],
  ...[whatText(one), progressText(one)],
];

/** Tells the list of operations as it stood then. */
export const listPastOperations = async (
  servers: Servers,
  asked: Omit<PastOperationListRequest, 'signal'>,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withReadModel(servers, async ({ log, db }) => {
    const list = pastOperationList({
      made: operationList(db).made,
      asOf: operationAsOf({ log, ownerOf }),
    });
    const { items } = await list({ ...asked, signal: context.signal });
    if (isJson) for (const one of items) report.tell('operation', one, '');
    else report.tell('operations', {}, aligned([HEADINGS, ...items.map(cells)], 6).join('\n'));
  });
};
