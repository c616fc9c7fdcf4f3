import type { Route } from '../../http/route';
import { webhookCommandRoutes } from './commands';
import { changeRoute, createRoute } from './definition';
import { deliveriesRoute, resendRoute } from './deliveries';
import type { WebhooksDeps } from './deps';
import { listRoute, oneRoute } from './read';

/** All of webhooks. */
export const webhookRoutes = (deps: WebhooksDeps): readonly Route[] => [
  createRoute(deps),
  listRoute(deps),
  oneRoute(deps),
  changeRoute(deps),
  ...webhookCommandRoutes(deps),
  deliveriesRoute(deps),
  resendRoute(deps),
];
