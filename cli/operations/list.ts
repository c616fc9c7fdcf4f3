import { parseArgs } from 'node:util';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { wholeFrom } from '../flag-values';
import { listed } from '../pages';
import { reportTo } from '../report';
import { aligned } from '../table';
import { exitCode, type Verb } from '../verb';
import { progressText, whatText, type OperationAnswer } from './text';

const usage = `usage: punctual operations list [--status STATUS,…] [--owner ID] [--limit N] [--json]

Lists operations, the newest first.

  --status STATUS,…   selecting, running, stopping, completed, stopped (default: all)
  --owner ID          for operators
  --limit N           at most so many (default 50)
${apiUsage}
`;

export const list: Verb = {
  summary: 'list operations',
  usage,
  run: async (args, context) => {
    const options = {
      ...apiFlags,
      status: { type: 'string' },
      owner: { type: 'string' },
      limit: { type: 'string', default: '50' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const limit = wholeFrom('limit', values.limit);
    const { ask } = await apiFrom(values, context);
    const report = reportTo(context, values.json);
    const filter = { status: values.status, ownerId: values.owner };
    const found = await listed<OperationAnswer>(ask, '/v1/operations', filter, limit);
    const lines = aligned(
      found.items.map((one) => [
        one.operationId,
        one.status,
        one.startedAt,
        whatText(one),
        progressText(one),
      ]),
      5,
    );
    for (const [index, one] of found.items.entries())
      report.tell('operation', one, lines[index] ?? '');
    if (found.items.length === 0) context.stderr.write('no operation\n');
    if (found.hasMore) context.stderr.write('more follow: --limit shows them\n');
    return exitCode.done;
  },
};
