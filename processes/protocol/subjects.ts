/** Where one gateway alone is asked. */
export const subjectOf = (subject: string, gateway: string): string => `${subject}.${gateway}`;

/** Gateways share claims and reports: each request reaches one of them. Beats reach all. */
export const GATEWAY_QUEUE_GROUP = 'gateways';
