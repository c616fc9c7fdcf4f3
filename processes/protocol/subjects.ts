/** NATS subjects that executors send requests to. */
export const subjects = {
  claim: 'executor.claim',
  report: 'executor.report',
  heartbeat: 'executor.heartbeat',
} as const;

/** Gateways share the requests: each request reaches one of them. */
export const GATEWAY_QUEUE_GROUP = 'gateways';
