import type { BulkChangerMetrics } from '../../processes/bulk-changing/metrics';

export const silentBulkChangerMetrics: BulkChangerMetrics = {
  items: () => undefined,
  ended: () => undefined,
  fault: () => undefined,
  open: () => undefined,
  perSecond: () => undefined,
};
