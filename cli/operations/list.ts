import { apiUsage } from '../api';
import { apiList } from '../api-list';
import { progressText, whatText, type OperationAnswer } from './text';

const usage = `usage: punctual operations list [--status STATUS,…] [--owner ID] [--limit N] [--json]

Lists operations, the newest first.

  --status STATUS,…   selecting, running, stopping, completed, stopped (default: all)
  --owner ID          for operators
  --limit N           at most so many (default 50)
${apiUsage}
`;

export const list = apiList<OperationAnswer>({
  what: 'operation',
  summary: 'list operations',
  usage,
  path: '/v1/operations',
  filters: { status: 'status', owner: 'ownerId' },
  cells: (one) => [one.operationId, one.status, one.startedAt, whatText(one), progressText(one)],
});
