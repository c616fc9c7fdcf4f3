import { createMetrics } from '../../../infra/metrics';

test('counters, gauges and histograms appear under the name of the product with their labels', async () => {
  const metrics = createMetrics();
  const refused = metrics.counter({ name: 'claims_total', help: 'Claims', labels: ['code'] });
  refused({ code: 'too-early' });
  refused({ code: 'too-early' }, 2);
  metrics.gauge({ name: 'lag_ms', help: 'Lag' })({}, 17);
  metrics.histogram({ name: 'late_ms', help: 'Lateness', buckets: [5, 50] })({}, 20);
  const text = await metrics.text();
  expect(text).toContain('punctual_claims_total{code="too-early"} 3');
  expect(text).toContain('punctual_lag_ms 17');
  expect(text).toContain('punctual_late_ms_bucket{le="5"} 0');
  expect(text).toContain('punctual_late_ms_bucket{le="50"} 1');
});

test('the process itself is measured, for a full heap explains more than any counter', async () => {
  expect(await createMetrics().text()).toContain('process_resident_memory_bytes');
});

test('two registries in one process do not meet, so that tests may compose two programs', async () => {
  const first = createMetrics();
  const second = createMetrics();
  const count = first.counter({ name: 'same_total', help: 'Same' });
  second.counter({ name: 'same_total', help: 'Same' });
  count({});
  expect(await first.text()).toContain('punctual_same_total 1');
  expect(await second.text()).toContain('punctual_same_total 0');
});
