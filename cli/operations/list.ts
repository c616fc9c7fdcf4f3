import { parseArgs } from 'node:util';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { wholeFrom } from '../flag-values';
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

type Page = { readonly items: readonly OperationAnswer[]; readonly nextCursor?: string };

const PAGE = 200;

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
    const found: OperationAnswer[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: String(Math.min(PAGE, limit - found.length)),
        ...(values.status !== undefined && { status: values.status }),
        ...(values.owner !== undefined && { ownerId: values.owner }),
        ...(cursor !== undefined && { cursor }),
      });
      const page = await ask<Page>('GET', `/v1/operations?${query.toString()}`);
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined && found.length < limit);
    const lines = aligned(
      found.map((one) => [
        one.operationId,
        one.status,
        one.startedAt,
        whatText(one),
        progressText(one),
      ]),
      5,
    );
    for (const [index, one] of found.entries()) report.tell('operation', one, lines[index] ?? '');
    if (found.length === 0) context.stderr.write('no operation\n');
    if (cursor !== undefined) context.stderr.write('more follow: --limit shows them\n');
    return exitCode.done;
  },
};
