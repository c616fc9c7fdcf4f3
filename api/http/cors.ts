import type { RequestHandler } from 'express';

const ALLOWED = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID',
  'Access-Control-Max-Age': '600',
} as const;

/** What a page may read of an answer beside its body. */
const EXPOSED = [
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'Punctual-Lag-Ms',
  'Punctual-Position',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
].join(', ');

/**
 * Lets pages of these origins ask. Tokens come in a header that no page of another origin has, so no cookies are
 * allowed and none are needed.
 */
export const crossOrigin = (origins: readonly string[]): RequestHandler => {
  const allowed: ReadonlySet<string> = new Set(origins);
  return (request, response, next) => {
    const { origin } = request.headers;
    response.vary('Origin');
    if (origin === undefined || !allowed.has(origin)) {
      next();
      return;
    }
    response.set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': EXPOSED,
    });
    const isPreflight =
      request.method === 'OPTIONS' &&
      request.headers['access-control-request-method'] !== undefined;
    if (isPreflight) response.set(ALLOWED).status(204).end();
    else next();
  };
};
