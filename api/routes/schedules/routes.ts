import type { Route } from '../../http/route';
import { scheduleCommandRoutes } from './commands';
import { changeRoute, createRoute } from './create';
import type { SchedulesDeps } from './deps';
import { displacedRoute } from './displaced';
import { scheduleHistoryRoutes } from './history';
import { scheduleListRoute } from './list';
import { occurrencesRoute } from './occurrences';
import { oneScheduleRoute } from './one';
import { plannedRunsRoute } from './planned-runs';
import { previewRoute } from './preview';

/** All of schedules. What has a name comes before what has an id in its place: Express tries paths in this order. */
export const scheduleRoutes = (deps: SchedulesDeps): readonly Route[] => [
  createRoute(deps),
  scheduleListRoute(deps),
  previewRoute(deps),
  displacedRoute(deps),
  plannedRunsRoute(deps),
  oneScheduleRoute(deps),
  changeRoute(deps),
  ...scheduleCommandRoutes(deps),
  occurrencesRoute(deps),
  ...scheduleHistoryRoutes(deps),
];
