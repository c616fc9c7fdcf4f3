import { lazy, Suspense } from 'react';
import { Outlet, Route, Routes, useLocation } from 'react-router';
import { Frame } from './frame/frame';
import { NotFound } from './frame/not-found';
import { useNarrow } from './frame/use-narrow';
import type { Session } from './http/answers';
import { JobsPage } from './jobs/jobs-page';
import { OpenedJob, pageUnder, useOpenedOf } from './jobs/opened';
import { LiveProvider } from './live/live';
import { ZoneProvider } from './time/zone';

const JobPage = lazy(async () => ({ default: (await import('./job/job-page')).JobPage }));
const JobDrawer = lazy(async () => ({ default: (await import('./job/job-drawer')).JobDrawer }));
const NewJobPage = lazy(async () => ({ default: (await import('./jobs/new-job')).NewJobPage }));
const LoadPage = lazy(async () => ({ default: (await import('./load/load-page')).LoadPage }));
const SchedulesPage = lazy(async () => ({
  default: (await import('./schedules/schedules-page')).SchedulesPage,
}));
const SchedulePage = lazy(async () => ({
  default: (await import('./schedules/schedule-page')).SchedulePage,
}));
const ChangeSchedulePage = lazy(async () => ({
  default: (await import('./schedules/change-schedule')).ChangeSchedulePage,
}));
const NewSchedulePage = lazy(async () => ({
  default: (await import('./schedules/new-schedule')).NewSchedulePage,
}));

const DeadLettersPage = lazy(async () => ({
  default: (await import('./dead-letters/dead-letters-page')).DeadLettersPage,
}));
const OperationsPage = lazy(async () => ({
  default: (await import('./operations/operations-page')).OperationsPage,
}));
const OperationPage = lazy(async () => ({
  default: (await import('./operations/operation-page')).OperationPage,
}));
const SystemPage = lazy(async () => ({
  default: (await import('./system/system-page')).SystemPage,
}));
const AuditPage = lazy(async () => ({ default: (await import('./audit/audit-page')).AuditPage }));
const WebhooksPage = lazy(async () => ({
  default: (await import('./webhooks/webhooks-page')).WebhooksPage,
}));
const WebhookPage = lazy(async () => ({
  default: (await import('./webhooks/webhook-page')).WebhookPage,
}));
const NewWebhookPage = lazy(async () => ({
  default: (await import('./webhooks/new-webhook')).NewWebhookPage,
}));

type PlacesProps = { readonly session: Session };

/** Every place by its address. A job that was opened from a page lies over it; on a phone it takes its place. */
const ByAddress = ({ session }: PlacesProps) => {
  const location = useLocation();
  const isNarrow = useNarrow();
  const under = isNarrow ? undefined : pageUnder(location);
  return (
    <OpenedJob value={useOpenedOf(under)}>
      <Routes location={under ?? location}>
        <Route
          element={
            <Frame session={session}>
              <Suspense fallback={null}>
                <Outlet />
              </Suspense>
            </Frame>
          }
        >
          <Route path="/" element={<JobsPage />} />
          <Route path="/jobs" element={<JobsPage />} />
          <Route path="/jobs/new" element={<NewJobPage />} />
          <Route path="/jobs/:jobId" element={<JobPage />} />
          <Route path="/schedules" element={<SchedulesPage />} />
          <Route path="/schedules/new" element={<NewSchedulePage />} />
          <Route path="/schedules/:scheduleId" element={<SchedulePage />} />
          <Route path="/schedules/:scheduleId/change" element={<ChangeSchedulePage />} />
          <Route path="/load" element={<LoadPage />} />
          <Route path="/webhooks" element={<WebhooksPage />} />
          <Route path="/webhooks/new" element={<NewWebhookPage />} />
          <Route path="/webhooks/:webhookId" element={<WebhookPage />} />
          <Route path="/dead-letters" element={<DeadLettersPage />} />
          <Route path="/operations" element={<OperationsPage />} />
          <Route path="/operations/:operationId" element={<OperationPage />} />
          <Route path="/system" element={<SystemPage />} />
          <Route path="/audit" element={<AuditPage />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
      {under && (
        <Suspense fallback={null}>
          <Routes>
            <Route path="/jobs/:jobId" element={<JobDrawer />} />
          </Routes>
        </Suspense>
      )}
    </OpenedJob>
  );
};

/** Every place of the console; api/routes/console.ts knows their addresses too. */
export const Places = ({ session }: PlacesProps) => (
  <ZoneProvider>
    <LiveProvider>
      <ByAddress session={session} />
    </LiveProvider>
  </ZoneProvider>
);
