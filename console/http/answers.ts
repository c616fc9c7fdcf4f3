import type { Static } from '@sinclair/typebox';
import type {
  commandedJobSchema,
  crowdingSchema,
  forecastSchema,
  historySchema,
  jobCountsSchema,
  jobDifferencesSchema,
  jobListSchema,
  jobSchema,
  latenessSchema,
  statusChangeSchema,
} from '../../api/schemas/job-answers';
import type { deadLettersSchema } from '../../api/schemas/dead-letters';
import type {
  dryRunSchema,
  itemListSchema,
  operationListSchema,
  operationSchema,
} from '../../api/schemas/operation-answers';
import type {
  occurrencesSchema,
  plannedRunsSchema,
  previewSchema,
  scheduleListSchema,
  scheduleSchema,
  scheduleStorySchema,
} from '../../api/schemas/schedule-answers';
import type { sessionSchema } from '../../api/schemas/session-answers';
import type { queuesSchema, sharesSchema } from '../../api/schemas/shares';
import type { systemSchema } from '../../api/schemas/system';
import type { storySchema } from '../../api/schemas/story';
import type {
  deliveryListSchema,
  testAnswerSchema,
  webhookListSchema,
  webhookSchema,
} from '../../api/schemas/webhooks';
import type { JobStatus } from '../../domain/job/state';
import type { WrittenFilter } from '../../domain/operation/definition';

// the very schemas that the API's description is made of: what the API says differently does not compile here

export type { JobStatus };
export type Job = Static<typeof jobSchema>;
export type CommandedJob = Static<typeof commandedJobSchema>;
export type JobPage = Omit<Static<typeof jobListSchema>, 'items'> & {
  readonly items: readonly Job[];
};
export type JobCounts = Omit<Static<typeof jobCountsSchema>, 'counts'> & {
  readonly counts: Readonly<Record<JobStatus, number>>;
};
export type JobDifferences = Static<typeof jobDifferencesSchema>;
export type JobDifference = JobDifferences['items'][number];
export type Crowding = Static<typeof crowdingSchema>;
export type CrowdedMinute = Crowding['warnings'][number];
export type Forecast = Static<typeof forecastSchema>;
export type PlannedRuns = Static<typeof plannedRunsSchema>;
export type Lateness = Static<typeof latenessSchema>;
export type DeadLetters = Static<typeof deadLettersSchema>;
export type Operation = Omit<Static<typeof operationSchema>, 'filter'> & {
  readonly filter?: WrittenFilter;
};
export type OperationKind = Operation['kind'];
export type OperationPage = Omit<Static<typeof operationListSchema>, 'items'> & {
  readonly items: readonly Operation[];
};
export type OperationItems = Static<typeof itemListSchema>;
export type OperationItem = OperationItems['items'][number];
export type DryRun = Omit<Static<typeof dryRunSchema>, 'sample'> & {
  readonly sample: readonly Job[];
};
export type StatusChange = Static<typeof statusChangeSchema>;
export type JobEvents = Static<typeof historySchema>;
export type Story = Static<typeof storySchema>;
export type StoryStep = Story['steps'][number];
export type Attempt = Story['attempts'][number];
export type Session = Static<typeof sessionSchema>;
export type Schedule = Static<typeof scheduleSchema>;
export type SchedulePage = Static<typeof scheduleListSchema>;
export type ListedSchedule = SchedulePage['items'][number];
export type ScheduleStory = Static<typeof scheduleStorySchema>;
export type OccurrencePage = Static<typeof occurrencesSchema>;
export type Occurrence = OccurrencePage['items'][number];
export type Preview = Static<typeof previewSchema>;
export type System = Static<typeof systemSchema>;
export type Queues = Static<typeof queuesSchema>;
export type Queue = Queues['queues'][number];
export type Shares = Static<typeof sharesSchema>;
export type Webhook = Static<typeof webhookSchema>;
export type WebhookEvent = Webhook['eventTypes'][number];
export type WebhookPage = Static<typeof webhookListSchema>;
export type ListedWebhook = WebhookPage['items'][number];
export type WebhookTest = Static<typeof testAnswerSchema>;
export type DeliveryPage = Static<typeof deliveryListSchema>;
export type Delivery = DeliveryPage['items'][number];

/** An answer, and up to which position of the log it has every change; absent while the server cannot tell. */
export type Placed<T> = T & { readonly upTo?: bigint };
