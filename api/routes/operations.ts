import { isIP } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import type { TextAnswer } from '../http/exchange';
import { isOperator, type Authenticate } from '../access/principal';
import type { Refusal } from '../http/problem';
import { principalOf } from '../serve';

/** One thing that was looked at. */
export type Condition = {
  readonly name: string;
  /** `warn`: something is wrong that this instance can do nothing about and works in spite of; `fail`: send it no requests. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen, as operators read it. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

export type Readiness = {
  readonly conditions: readonly Condition[];
  /** The same by name, in few words. */
  readonly checks: Readonly<Record<string, unknown>>;
};

/** Warnings take nobody out of service: what all instances share would take them all. */
export const isReady = ({ conditions }: Readiness): boolean =>
  conditions.every(({ status }) => status !== 'fail');

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

/** Why somebody may not see what goes on inside; undefined for operators and, where it says so, for callers on this machine. */
const refusalOf = async (
  request: Request,
  { metricsAccess, authenticate }: Pick<OperationsDeps, 'metricsAccess' | 'authenticate'>,
): Promise<Refusal | undefined> => {
  if (metricsAccess === 'loopback' && isLoopback(request)) return undefined;
  const who = await principalOf(request, authenticate);
  if ('refusal' in who) return who.refusal;
  return isOperator(who.principal) ? undefined : { code: 'forbidden' };
};

/** What was found without what was seen: positions and counts, by which anybody would see the jobs of all. */
const withoutDetails = ({ conditions }: Readiness): Readiness => ({
  conditions: conditions.map(({ name, status }) => ({ name, status })),
  checks: {},
});

const livezRoute: OpenRoute = {
  path: '/livez',
  operationId: 'isAlive',
  summary: 'Whether the process answers',
  answers: { 200: { description: 'It does.', mediaType: JSON_TYPE } },
  handle: () => Promise.resolve(json(200, { status: 'ok' })),
};

/** Nobody could look: not ready. */
const unknown = (reason: unknown): Readiness => {
  const error = reason instanceof Error ? reason.message : 'unknown';
  return {
    conditions: [{ name: 'readiness', status: 'fail', detail: { error } }],
    checks: { error },
  };
};

const readyzRoute = ({ readiness, isDraining, ...access }: OperationsDeps): OpenRoute => ({
  path: '/readyz',
  operationId: 'isReady',
  summary: 'Whether to send requests here',
  answers: {
    200: {
      description:
        'Yes; a condition with the status `warn` tells what is wrong all the same. Its `detail`, and `checks`, are for operators and callers on the same machine.',
      mediaType: JSON_TYPE,
    },
    503: {
      description: 'Not now; the conditions with the status `fail` tell why.',
      mediaType: JSON_TYPE,
    },
  },
  handle: async (request) => {
    if (isDraining()) return json(503, { status: 'draining', checks: {}, conditions: [] });
    const found = await readiness().catch(unknown);
    const isStranger = (await refusalOf(request, access)) !== undefined;
    return json(isReady(found) ? 200 : 503, {
      status: isReady(found) ? 'ready' : 'not-ready',
      ...(isStranger ? withoutDetails(found) : found),
    });
  },
});

const metricsRoute = (deps: OperationsDeps): OpenRoute => ({
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Metrics in the Prometheus text format; for operators',
  answers: { 200: { description: 'All metrics.', mediaType: 'text/plain' } },
  handle: async (request) => {
    const refusal = await refusalOf(request, deps);
    if (refusal) return refusal;
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
