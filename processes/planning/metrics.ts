import type { SkippedBecause } from '../../domain/schedule/event-kinds/occurrences';
import type { Metrics } from '../../infra/metrics';

export const plannerMetrics = ({ counter, gauge }: Metrics) => ({
  planned: counter('occurrences_planned_total', 'Occurrences of schedules that got a job'),
  skipped: counter<[reason: SkippedBecause]>(
    'occurrences_skipped_total',
    'Occurrences of schedules that were skipped: `missed`, `still-running`, `paused`, `changed`, `deleted`, `zone-data`',
    'reason',
  ),
  made: counter('occurrence_jobs_made_total', 'Jobs made of planned occurrences'),
  withdrawn: counter(
    'occurrence_jobs_withdrawn_total',
    'Jobs that were taken back before they started, for their schedules were paused, changed or deleted',
  ),
  stopped: counter(
    'schedules_stopped_total',
    'Schedules that stopped, for their rules cannot be computed; the story of each says why',
  ),
  heldBack: counter(
    'plannings_held_back_total',
    'Times that a schedule waited with its next occurrences, for its owner had planned `PLANNED_PER_OWNER_PER_SECOND`',
  ),
  fault: counter(
    'planning_faults_total',
    'Schedules and jobs on which an error was met; each is tried again and holds up no other',
  ),
  overdue: gauge(
    'overdue_schedules',
    'Schedules of which nothing is decided 30 s after it had to be: their occurrences have no outcome. Must be 0',
  ),
});

export type PlannerMetrics = ReturnType<typeof plannerMetrics>;
