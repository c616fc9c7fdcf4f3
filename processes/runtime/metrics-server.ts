import { createServer } from 'node:http';
import { isReady, type Readiness } from '../../api/routes/operations';
import type { Metrics } from '../../infra/metrics';
import type { Process } from './process';
import type { VitalSigns } from '../health/vitals';

const wellWithinMs = 15_000;

/** How the processes of this program are, by their own signs. */
const readiness = (signs: readonly VitalSigns[]): Readiness => ({
  conditions: signs.map(({ process, stillMs, isStandby, hindrances }) => ({
    name: process,
    status: hindrances.length === 0 && (isStandby || stillMs <= wellWithinMs) ? 'ok' : 'fail',
    detail: { stillMs, isStandby, ...(hindrances.length > 0 && { waitsFor: hindrances }) },
  })),
  checks: {},
});

/** `/metrics`, `/livez` and `/readyz` of a program without the API. */
export const metricsServer = (
  metrics: Metrics,
  look: () => readonly VitalSigns[],
  { host, port }: { readonly host: string; readonly port: number },
  onListening: (url: string) => void,
): Process => ({
  name: 'metrics',
  run: async (signal) => {
    const server = createServer((request, response) => {
      if (request.url === '/livez') {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
      } else if (request.url === '/readyz') {
        const found = readiness(look());
        const status = isReady(found) ? 'ready' : 'not-ready';
        response
          .writeHead(isReady(found) ? 200 : 503, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ status, ...found }));
      } else if (request.url === '/metrics') {
        metrics.text().then(
          (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
          () => response.writeHead(500).end(),
        );
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object')
      onListening(`http://${host}:${address.port}/metrics`);
    await new Promise<void>((resolve) => {
      const close = (): void => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      };
      if (signal.aborted) close();
      else signal.addEventListener('abort', close, { once: true });
    });
  },
});
