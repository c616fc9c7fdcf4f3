import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics } from '../../../../infra/metrics';
import * as processMetrics from '../../../../processes/runtime/process-metrics';

test('docs/operations.md names every metric, for an alarm on a name that is gone never rings', async () => {
  const page = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8');
  const metrics = createMetrics();
  for (const make of Object.values(processMetrics)) make(metrics);
  const names = [...(await metrics.text()).matchAll(/^# TYPE punctual_(\w+)/gm)].map(
    ([, name = '']) => name,
  );
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});
