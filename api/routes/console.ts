import express, { type Request, type Response, type Router } from 'express';
import { readConsole, type Asset, type ConsoleFiles } from '../http/console-files';

/** The places of the console; it finds out by itself which one was asked for. */
const PLACES = [
  '/',
  '/jobs',
  '/jobs/new',
  '/jobs/:jobId',
  '/schedules',
  '/schedules/new',
  '/schedules/:scheduleId',
  '/schedules/:scheduleId/change',
  '/load',
  '/webhooks',
  '/webhooks/new',
  '/webhooks/:webhookId',
  '/dead-letters',
  '/operations',
  '/operations/:operationId',
  '/system',
  '/audit',
];

const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

const sendPage = (request: Request, response: Response, files: ConsoleFiles): void => {
  response.set({
    ...HEADERS,
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': files.policy,
    ETag: files.etag,
  });
  if (request.fresh) response.status(304).end();
  else response.type('text/html').send(files.html);
};

/** The smallest that the browser takes. */
const bodyFor = (request: Request, { plain, gzip, br }: Asset) => {
  if (br && request.acceptsEncodings('br') !== false)
    return { body: br, headers: { 'Content-Encoding': 'br' } };
  if (gzip && request.acceptsEncodings('gzip') !== false)
    return { body: gzip, headers: { 'Content-Encoding': 'gzip' } };
  return { body: plain, headers: {} };
};

const sendAsset = (request: Request, response: Response, asset: Asset): void => {
  const { body, headers } = bodyFor(request, asset);
  response.set({
    ...HEADERS,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Type': asset.mediaType,
    'Content-Length': String(body.length),
    Vary: 'Accept-Encoding',
    ...headers,
  });
  response.end(body);
};

/** The console, at the addresses of its places; everything that it shows it asks of /v1, as any other program would. */
export const consolePages = (folder: string, basePath: string): Router => {
  let files: ConsoleFiles | undefined;
  const router = express.Router({ strict: true, caseSensitive: true });
  router.get([...PLACES, '/assets/:name'], (request, response, next) => {
    files ??= readConsole(folder, basePath);
    const name = request.params['name'];
    const asset = typeof name === 'string' ? files?.assets.get(name) : undefined;
    if (files && name === undefined) sendPage(request, response, files);
    else if (asset) sendAsset(request, response, asset);
    else next();
  });
  return router;
};
