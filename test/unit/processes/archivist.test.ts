import { archivist } from '../../../processes/archivist';
import { silentLog } from '../../support/processes';
import { until } from '../../support/until';

test('the lag is told while a round lasts, or one that is starved would look like one that is done', async () => {
  const stopping = new AbortController();
  const lags: number[] = [];
  const ended = archivist({
    scan: async function* neverEnds(_range, signal) {
      yield await new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
      });
    },
    consumers: [
      { name: 'any', position: () => Promise.resolve('start'), take: () => Promise.resolve() },
    ],
    draw: () => 0,
    log: silentLog,
    metrics: { round: () => undefined, fault: () => undefined, lag: (ageMs) => lags.push(ageMs) },
    everyMs: 10,
  }).run(stopping.signal);
  await until(() => Promise.resolve(lags.length >= 2));
  const [first, second] = lags;
  expect(second).toBeGreaterThan(first ?? Infinity);
  stopping.abort();
  await ended;
});
