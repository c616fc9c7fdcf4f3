import { parseArgs } from 'node:util';
import { apiFlags, apiFrom } from './api';
import { wholeFrom } from './flag-values';
import { listed } from './pages';
import { reportTo } from './report';
import { aligned } from './table';
import { exitCode, type Verb } from './verb';

type ApiList<Item> = {
  readonly what: string;
  readonly summary: string;
  readonly usage: string;
  /** `/v1/schedules` */
  readonly path: string;
  /** Flags that narrow it, by name, with the parameter of the query that each is. */
  readonly filters: Readonly<Record<string, string>>;
  /** Five cells of a line. */
  readonly cells: (item: Item) => readonly string[];
};

const CELLS = 5;

/** A verb that lists what the API lists. */
export const apiList = <Item extends object>(its: ApiList<Item>): Verb => {
  const { what, summary, usage, path, filters, cells } = its;
  return {
    summary,
    usage,
    run: async (args, context) => {
      const narrowing = Object.keys(filters).map((name) => [name, { type: 'string' }] as const);
      const options = {
        ...apiFlags,
        limit: { type: 'string', default: '50' },
        ...Object.fromEntries(narrowing),
      } as const;
      const { values } = parseArgs({ args: [...args], options });
      const limit = wholeFrom('limit', values.limit);
      const { ask } = await apiFrom(values, context);
      const report = reportTo(context, values.json);
      const asked: Readonly<Record<string, unknown>> = values;
      const filter = Object.fromEntries(
        Object.entries(filters).map(([flag, parameter]) => [parameter, asked[flag]?.toString()]),
      );
      const found = await listed<Item>(ask, path, filter, limit);
      const lines = aligned(found.items.map(cells), CELLS);
      for (const [index, one] of found.items.entries()) report.tell(what, one, lines[index] ?? '');
      if (found.items.length === 0) context.stderr.write(`no ${what}\n`);
      if (found.hasMore) context.stderr.write('more follow: --limit shows them\n');
      return exitCode.done;
    },
  };
};
