import { createMetrics } from '../../../infra/metrics';

test('counters, gauges and histograms appear under the name of the product with their labels', async () => {
  const metrics = createMetrics();
  const refused = metrics.counter<[code: string]>('claims_total', 'Claims', 'code');
  refused('too-early');
  refused('too-early', 2);
  metrics.gauge('lag_ms', 'Lag')(17);
  metrics.histogram('late_ms', 'Lateness')(20);
  const waiting = metrics.gaugeOfAll('waiting_jobs', 'Waiting jobs', 'queue');
  waiting(new Map([['gone', 1]]));
  waiting(new Map([['mail', 3]]));
  const text = await metrics.text();
  expect(text).toContain('punctual_claims_total{code="too-early"} 3');
  expect(text).toContain('punctual_lag_ms 17');
  expect(text).toContain('punctual_late_ms_bucket{le="10"} 0');
  expect(text).toContain('punctual_late_ms_bucket{le="25"} 1');
  expect(text).toContain('punctual_waiting_jobs{queue="mail"} 3');
  expect(text).not.toContain('gone');
});

test('the process itself is measured, for a full heap explains more than any counter', async () => {
  expect(await createMetrics().text()).toContain('process_resident_memory_bytes');
});

test('two registries in one process do not meet, so that tests may compose two programs', async () => {
  const first = createMetrics();
  const second = createMetrics();
  const count = first.counter('same_total', 'Same');
  second.counter('same_total', 'Same');
  count();
  expect(await first.text()).toContain('punctual_same_total 1');
  expect(await second.text()).toContain('punctual_same_total 0');
});
