import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metrics } from '../../../infra/metrics';

const root = join(__dirname, '../../..');

/** Which process counts what a declaration declares. */
const processOf: Readonly<Record<string, string>> = {
  archivistMetrics: 'archivist',
  bulkChangerMetrics: 'bulk-changer',
  dispatcherMetrics: 'dispatcher',
  executorMetrics: 'executor',
  gatewayMetrics: 'executor-gateway',
  healthMetrics: 'all',
  plannerMetrics: 'planner',
  notifierMetrics: 'notifier',
  projectorMetrics: 'projector',
  queueWatchMetrics: 'rescuer',
  rescuerMetrics: 'rescuer',
  webMetrics: 'web',
};

type Declarations = Readonly<Record<string, unknown>>;

/** One row a metric, as docs/operations.md lists them. */
const rowsOf = (declarations: Declarations): readonly string[] => {
  const rows: string[] = [];
  for (const [declaration, declare] of Object.entries(declarations)) {
    if (typeof declare !== 'function') continue;
    const row = (name: string, help: string, ...labels: readonly string[]) => {
      const series = labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
      rows.push(`| \`${series}\` | ${processOf[declaration] ?? '?'} | ${help} |`);
      return () => undefined;
    };
    const metrics = { counter: row, gauge: row, gaugeOfAll: row, histogram: row };
    (declare as (metrics: Omit<Metrics, 'contentType' | 'text'>) => unknown)(metrics);
  }
  return rows;
};

test('docs/operations.md lists every metric as it is declared, for an alarm on a name that is gone never rings', async () => {
  const files = readdirSync(join(root, 'processes'))
    .map((folder) => join(root, 'processes', folder, 'metrics.ts'))
    .filter((file) => existsSync(file));
  const modules = await Promise.all(files.map((file) => import(file) as Promise<Declarations>));
  const rows = modules.flatMap(rowsOf);
  expect(rows.length).toBeGreaterThan(30);
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const table = page.slice(
    page.indexOf('### Metrics'),
    page.indexOf('\n## ', page.indexOf('### Metrics')),
  );
  expect(
    table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .sort(),
  ).toEqual(rows.sort());
});
