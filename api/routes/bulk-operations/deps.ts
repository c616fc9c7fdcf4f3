import type { OperationCommands } from '../../../commands/operations/operation-commands';
import type { KnownOperations } from '../../../domain/operation/known-operations';
import type { OperationItems } from '../../../projections/queries/operations/items';
import type { OperationList } from '../../../projections/queries/operations/list';
import type { OperationPreview } from '../../../projections/queries/operations/preview';
import type { OwnerQuota } from '../../access/owner-quota';
import type { StreamReads } from '../../access/stream-reads';
import type { Cursors } from '../../http/cursor';
import type { QueryFreshness } from '../../http/staleness';

/** What the program composes of operations. */
export type BulkOperations = {
  readonly commands: OperationCommands;
  /** By the read model. */
  readonly known: KnownOperations;
  readonly list: OperationList['list'];
  readonly countOpen: OperationList['countOpen'];
  readonly items: OperationItems;
  readonly preview: OperationPreview;
};

export type BulkOperationsDeps = Omit<BulkOperations, 'countOpen'> & {
  readonly quota: OwnerQuota | undefined;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly streamReads: StreamReads;
};
