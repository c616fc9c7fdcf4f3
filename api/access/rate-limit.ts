import type { Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { ApiLimits } from './limits';

/** False when the principal has had its share; the headers tell how long to wait. */
export type IsWithinRate = (
  principalId: string,
  request: Request,
  response: Response,
) => Promise<boolean>;

type Asked = { readonly principalId: string; readonly refuse: () => void };

/** Requests per principal and process. Undefined where nothing is limited: the hot path then pays nothing. */
export const requestRate = (limit: ApiLimits['requests']): IsWithinRate | undefined => {
  if (limit.kind === 'unlimited') return undefined;
  const asked = new WeakMap<Request, Asked>();
  const limiter = rateLimit({
    windowMs: limit.windowMs,
    limit: limit.max,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => asked.get(request)?.principalId ?? '',
    handler: (request) => asked.get(request)?.refuse(),
  });
  return (principalId, request, response) =>
    new Promise((resolve, reject) => {
      asked.set(request, { principalId, refuse: () => resolve(false) });
      const next = (error?: unknown): void => {
        if (error instanceof Error) reject(error);
        else resolve(true);
      };
      Promise.resolve(limiter(request, response, next)).catch(reject);
    });
};
