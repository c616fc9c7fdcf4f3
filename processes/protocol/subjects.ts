/** NATS subjects that executors send requests to. */
export const subjects = {
  claim: 'executor.claim',
  report: 'executor.report',
  heartbeat: 'executor.heartbeat',
} as const;

/** Gateways share claims and reports: each request reaches one of them. Beats reach all. */
/** Where one gateway alone is asked. */
export const subjectOf = (subject: string, gateway: string): string => `${subject}.${gateway}`;

export const GATEWAY_QUEUE_GROUP = 'gateways';
