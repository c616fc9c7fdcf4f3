import type { OperationCommands } from '../../../commands/operations/operation-commands';
import type {
  PastOperation,
  PastOperationAsked,
} from '../../../commands/operations/operation-as-of';
import type { PastItemPage } from '../../../commands/operations/past-items';
import type {
  PastOperationListRequest,
  PastOperationPage,
} from '../../../commands/operations/past-list';
import type { Past } from '../../../commands/past/stream-as-of';
import type { ItemsAsked } from '../../../domain/operation/items';
import type { KnownOperations } from '../../../domain/operation/known-operations';
import type { Clock } from '../../../domain/time';
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
  /** From the log. */
  readonly asOf: (asked: PastOperationAsked) => Promise<PastOperation>;
  readonly pastItems: (asked: PastOperationAsked, which: ItemsAsked) => Promise<Past<PastItemPage>>;
  /** A list as it stood then: who was started when by the read model, what had not ended from the log. */
  readonly pastList: (request: PastOperationListRequest) => Promise<PastOperationPage>;
  readonly preview: OperationPreview;
};

export type BulkOperationsDeps = Omit<BulkOperations, 'countOpen'> & {
  readonly quota: OwnerQuota | undefined;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly streamReads: StreamReads;
  readonly clock: Clock;
};
