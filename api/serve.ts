import { performance } from 'node:perf_hooks';
import type { Request, Response } from 'express';
import type { Ids } from '../domain/ids';
import { note, send, type Exchange, type Output } from './http/exchange';
import { HungUp, isForOperators, RETRY_AFTER, refusalOfFailure, within } from './http/failures';
import type { AuthOutcome, Authenticate, Principal } from './access/principal';
import type { Refusal } from './http/problem';
import type { IsWithinRate } from './access/rate-limit';
import { declaresTooMuch, readBody, type Body } from './http/body';
import type { Reply, Route } from './http/route';

export type ServeDeps = {
  readonly authenticate: Authenticate;
  readonly ids: Ids;
  readonly output: Output;
  readonly isOutage: (error: unknown) => boolean;
  readonly isWithinRate: IsWithinRate | undefined;
  /** How long a command or a query may take. */
  readonly deadlineMs: number;
};

const BEARER = /^Bearer ([\x21-\x7e]{1,8192})$/i;
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="punctual"' } as const;
const UNAUTHENTICATED: Refusal = { code: 'unauthenticated', headers: CHALLENGE };
const NO_BODY: Body = { value: undefined, findings: [] };
const NO_QUERY = new URLSearchParams();
const NEVER = new AbortController().signal;

/** The token of the only Authorization header; Node keeps the first of two, so the raw ones are counted. */
const tokenOf = ({ rawHeaders, headers }: Request): string | undefined => {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count === 1 ? BEARER.exec(headers.authorization ?? '')?.[1] : undefined;
};

const authenticateRequest = (
  request: Request,
  authenticate: Authenticate,
): AuthOutcome | Promise<AuthOutcome> => {
  const token = tokenOf(request);
  return token === undefined ? { outcome: 'refused' } : authenticate(token);
};

/** The principal, or why there is none. */
export const principalOf = async (
  request: Request,
  authenticate: Authenticate,
): Promise<{ readonly principal: Principal } | { readonly refusal: Refusal }> => {
  const asked = authenticateRequest(request, authenticate);
  const auth = asked instanceof Promise ? await asked : asked;
  switch (auth.outcome) {
    case 'authenticated':
      return { principal: auth.principal };
    case 'unavailable':
      return { refusal: { code: 'authentication-unavailable', headers: RETRY_AFTER } };
    case 'refused':
      return { refusal: UNAUTHENTICATED };
  }
};

const JSON_TYPES = ['application/json', 'application/problem+json'];

const isAcceptable = (request: Request, mediaType: Route['produces']): boolean => {
  const accepted = request.headers.accept;
  const ours = mediaType === undefined ? JSON_TYPES : [mediaType];
  if (accepted === undefined || accepted === '*/*' || accepted === ours[0]) return true;
  return request.accepts(ours) !== false;
};

const queryOf = ({ url }: Request): URLSearchParams => {
  const mark = url.indexOf('?');
  return mark < 0 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1));
};

const unknownParameters = (
  query: URLSearchParams,
  { parameters = [] }: Route,
): Refusal | undefined => {
  const unknown = [...new Set(query.keys())].filter((name) =>
    parameters.every((known) => known.name !== name),
  );
  if (unknown.length === 0) return undefined;
  const errors = unknown.map((parameter) => ({ parameter, code: 'unknown-parameter' as const }));
  return { code: 'unknown-parameter', errors };
};

export const beginExchange = (
  request: Request,
  response: Response,
  route: string,
  ids: Ids,
): Exchange => ({
  request,
  response,
  requestId: ids.next(),
  route,
  path: request.path,
  startedAtMs: performance.now(),
});

const paramsOf = ({ params }: Request): Readonly<Record<string, string>> =>
  // patterns without wildcards give one text each; Express types the wildcards too
  params as Readonly<Record<string, string>>;

/** Everything that is asked of a request before its route sees it, in the order that the answers promise. */
const reply = async (
  deps: ServeDeps,
  exchange: Exchange,
  route: Route,
): Promise<Reply | 'gone'> => {
  const { request, response } = exchange;
  if (route.body && declaresTooMuch(request, route.body.maxBytes))
    return { code: 'body-too-large' };
  const who = await principalOf(request, route.authenticate ?? deps.authenticate);
  if ('refusal' in who) return who.refusal;
  const { principal } = who;
  if (principal.role === 'none' || !route.roles.includes(principal.role))
    return { code: 'forbidden' };
  if (deps.isWithinRate && !(await deps.isWithinRate(principal.id, request, response)))
    return { code: 'rate-limited' };
  if (!isAcceptable(request, route.produces)) return { code: 'not-acceptable' };
  const query = queryOf(request);
  const unknown = query === NO_QUERY ? undefined : unknownParameters(query, route);
  if (unknown) return unknown;
  const body = route.body ? await readBody(request, route.body) : { value: NO_BODY };
  if (body === 'gone') return 'gone';
  if ('refusal' in body) return body.refusal;
  return await route.handle({
    principal,
    requestId: exchange.requestId,
    method: route.method,
    path: exchange.path,
    params: paramsOf(request),
    query,
    header: (name) => request.get(name),
    body: body.value.value,
    findings: body.value.findings,
    inTime: (work, late) => {
      const meaning = late ?? route.late;
      if (meaning === 'never') return work(NEVER);
      // a command that has begun is carried out, whoever waits for it
      const asker = route.method === 'GET' ? response : undefined;
      return within(deps.deadlineMs, meaning, work, asker);
    },
    response,
  });
};

/** Answers every request to one path, whatever its method. */
export const servePath = (
  deps: ServeDeps,
  path: string,
  routes: readonly Route[],
): ((request: Request, response: Response) => Promise<void>) => {
  const routeOf = new Map<string, Route>(routes.map((route) => [route.method, route]));
  const get = routeOf.get('GET');
  if (get && get.produces === undefined) routeOf.set('HEAD', get);
  const allowed = { Allow: [...routeOf.keys()].join(', ') };

  const wrongMethod = async (request: Request): Promise<Refusal> => {
    const who = await principalOf(request, deps.authenticate);
    return 'refusal' in who ? who.refusal : { code: 'method-not-allowed', headers: allowed };
  };

  return async (request, response) => {
    const exchange = beginExchange(request, response, path, deps.ids);
    const route = routeOf.get(request.method);
    try {
      const result = await (route ? reply(deps, exchange, route) : wrongMethod(request));
      if (result === 'taken') note(deps.output, exchange, response.statusCode);
      else if (result !== 'gone') send(deps.output, exchange, result);
    } catch (error) {
      if (!(error instanceof HungUp)) fail(deps, exchange, error);
    }
  };
};

/** Answers for a throw. What nobody expected is logged and not told, as is what needs an operator. */
export const fail = (
  { output, isOutage }: Pick<ServeDeps, 'output' | 'isOutage'>,
  exchange: Exchange,
  error: unknown,
): void => {
  const refusal = refusalOfFailure(error, isOutage);
  const { requestId, path } = exchange;
  if (isForOperators(refusal))
    output.logger.error({ err: error, requestId, path }, 'request failed');
  send(output, exchange, refusal ?? { code: 'internal-error' });
};
