import { isIP } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import type { TextAnswer } from '../exchange';
import { isOperator, type Authenticate } from '../principal';
import type { Refusal } from '../problem';
import { principalOf } from '../serve';

export type Readiness = {
  readonly isReady: boolean;
  /** What was looked at, by name, as operators read it. */
  readonly checks: Readonly<Record<string, unknown>>;
};

/** A route for machines and operators, outside /v1. */
export type OpenRoute = {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  /** What it answers with, by status. */
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly mediaType: string }>
  >;
  readonly handle: (request: Request) => Promise<TextAnswer | Refusal>;
};

export type OperationsDeps = {
  readonly readiness: () => Promise<Readiness>;
  readonly isDraining: () => boolean;
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> };
  /** `loopback`: callers on this machine need no key; operators may always. */
  readonly metricsAccess: 'loopback' | 'operators';
  readonly authenticate: Authenticate;
};

const JSON_TYPE = 'application/json';

const json = (status: number, body: object): TextAnswer => ({
  status,
  mediaType: JSON_TYPE,
  text: JSON.stringify(body),
});

const isLoopback = ({ socket: { remoteAddress = '' } }: Request): boolean =>
  isIP(remoteAddress) !== 0 && ipaddr.process(remoteAddress).range() === 'loopback';

const livezRoute: OpenRoute = {
  path: '/livez',
  operationId: 'isAlive',
  summary: 'Whether the process answers',
  answers: { 200: { description: 'It does.', mediaType: JSON_TYPE } },
  handle: () => Promise.resolve(json(200, { status: 'ok' })),
};

const readyzRoute = ({ readiness, isDraining }: OperationsDeps): OpenRoute => ({
  path: '/readyz',
  operationId: 'isReady',
  summary: 'Whether to send requests here',
  answers: {
    200: { description: 'Yes.', mediaType: JSON_TYPE },
    503: { description: 'Not now; `checks` tells why.', mediaType: JSON_TYPE },
  },
  handle: async () => {
    if (isDraining()) return json(503, { status: 'draining', checks: {} });
    const { isReady, checks } = await readiness().catch((error: unknown): Readiness => ({
      isReady: false,
      checks: { error: error instanceof Error ? error.message : 'unknown' },
    }));
    return json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not-ready', checks });
  },
});

const metricsRoute = (deps: OperationsDeps): OpenRoute => ({
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Metrics in the Prometheus text format; for operators',
  answers: { 200: { description: 'All metrics.', mediaType: 'text/plain' } },
  handle: async (request) => {
    const isLocal = deps.metricsAccess === 'loopback' && isLoopback(request);
    if (!isLocal) {
      const who = await principalOf(request, deps.authenticate);
      if ('refusal' in who) return who.refusal;
      if (!isOperator(who.principal)) return { code: 'forbidden' };
    }
    const { contentType, text } = deps.metrics;
    return { status: 200, mediaType: contentType, text: await text() };
  },
});

const openApiRoute = (description: () => object): OpenRoute => ({
  path: '/openapi.json',
  operationId: 'getApiDescription',
  summary: 'This description',
  answers: { 200: { description: 'OpenAPI 3.1.', mediaType: JSON_TYPE } },
  handle: () => Promise.resolve(json(200, description())),
});

export const operationsRoutes = (
  deps: OperationsDeps,
  description: () => object,
): readonly OpenRoute[] => [
  livezRoute,
  readyzRoute(deps),
  metricsRoute(deps),
  openApiRoute(description),
];
