import type { NotifierMetrics } from '../../processes/notifying/metrics';

export const silentNotifierMetrics: NotifierMetrics = {
  made: () => undefined,
  attempted: () => undefined,
  givenUp: () => undefined,
  disabled: () => undefined,
  busy: () => undefined,
  oldestDueMs: () => undefined,
  fault: () => undefined,
};
