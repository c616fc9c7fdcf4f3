import { createServer } from 'node:http';

/** What really ran, told by the target of `http:` jobs and not by the product. */
export type RunLedger = {
  readonly location: string;
  /** `jobId/attempt` of each call, in order of arrival. */
  readonly runs: () => readonly string[];
  readonly close: () => Promise<void>;
};

type JobCall = { readonly jobId: string; readonly attempt: number };

/** A server that notes each call and answers 204 after `workMs`. */
export const startRunLedger = async (workMs: number): Promise<RunLedger> => {
  const runs: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { jobId, attempt } = JSON.parse(Buffer.concat(chunks).toString()) as JobCall; // sent by our executor
      runs.push(`${jobId}/${attempt}`);
      setTimeout(() => response.writeHead(204).end(), workMs);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    location: `http://127.0.0.1:${port}/run`,
    runs: () => runs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
