import type { Route } from '../../http/route';
import { endingRoutes } from './commands';
import type { BulkOperationsDeps } from './deps';
import { operationListRoute } from './list';
import { itemsRoute, oneOperationRoute } from './one';
import { startRoute } from './start';

/** All of operations: changes of many jobs at once. */
export const bulkOperationRoutes = (deps: BulkOperationsDeps): readonly Route[] => [
  startRoute(deps),
  operationListRoute(deps),
  oneOperationRoute(deps),
  itemsRoute(deps),
  ...endingRoutes(deps),
];
