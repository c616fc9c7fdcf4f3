import type { PlannerMetrics } from '../../processes/planning/metrics';

export const silentPlannerMetrics: PlannerMetrics = {
  planned: () => undefined,
  skipped: () => undefined,
  made: () => undefined,
  withdrawn: () => undefined,
  stopped: () => undefined,
  heldBack: () => undefined,
  fault: () => undefined,
  overdue: () => undefined,
};
