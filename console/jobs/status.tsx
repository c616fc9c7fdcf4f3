import type { JobStatus } from '../http/answers';

export const Status = ({ status }: { readonly status: JobStatus | 'skipped' }) => (
  <span className={`status status-${status}`}>{status}</span>
);
