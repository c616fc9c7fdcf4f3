import { problemCatalogue } from './http/problem-catalogue';
import type { Parameter, Route, RouteAnswer } from './http/route';
import type { OpenRoute } from './routes/operations';
import { commandedJobSchema, jobSchema, problemSchema } from './schemas/job-answers';
import { operationSchema } from './schemas/operation-answers';
import { scheduleSchema } from './schemas/schedule-answers';

const REF = '#/components/schemas/';

/** Schemas with an `$id` stand in the components: elsewhere a reference to them does. */
const referring = (value: unknown, isTop = true): unknown => {
  if (Array.isArray(value)) return value.map((item) => referring(item, false));
  if (typeof value !== 'object' || value === null) return value;
  if (!isTop && '$id' in value && typeof value.$id === 'string')
    return { $ref: `${REF}${value.$id}` };
  const entries = Object.entries(value)
    .filter(([key]) => key !== '$id')
    .map(([key, part]) => [
      key,
      key === '$ref' && typeof part === 'string' ? `${REF}${part}` : referring(part, false),
    ]);
  return Object.fromEntries(entries);
};

const component = (schema: object): object => referring(schema) as object; // an object stays one

const used = (schema: object): unknown => referring(schema, false);

const parametersOf = ({ path, parameters = [], requestHeaders = [] }: Route): readonly object[] => {
  const describe = (place: string, isRequired: boolean) => (parameter: Parameter) => ({
    name: parameter.name,
    in: place,
    required: isRequired,
    description: parameter.description,
    schema: used(parameter.schema),
    ...(place === 'query' &&
      parameter.schema['type'] === 'array' && { style: 'form', explode: false }),
  });
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: name?.endsWith('At') ? 'date-time' : 'uuid' },
  }));
  return [
    ...inPath,
    ...parameters.map(describe('query', false)),
    ...requestHeaders.map(describe('header', false)),
  ];
};

const answerOf = ({ description, schema, mediaType, headers = {} }: RouteAnswer): object => ({
  description,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name,
      { description: text, schema: { type: 'string' } },
    ]),
  ),
  content: { [mediaType ?? 'application/json']: { schema: used(schema) } },
});

const REFUSED_ANYWHERE = [400, 401, 403, 406, 429, 500, 503];

/** The statuses that refuse a request to a route. */
const refusalsOf = ({ method, path, body, requestHeaders, late }: Route): readonly number[] => [
  ...REFUSED_ANYWHERE,
  ...(path.includes('{') ? [404] : []),
  ...(body ? [409, 413, 415, 422] : []),
  ...(requestHeaders?.some(({ name }) => name === 'If-Match') ? [412] : []),
  ...(method === 'GET' ? [422] : []),
  ...(late === 'outcome-unknown' ? [504] : []),
];

const problemCodesOf = (status: number): string =>
  Object.entries(problemCatalogue)
    .filter(([, known]) => known.status === status)
    .map(([code]) => code)
    .join(', ');

const problemAnswer = (status: number): object => ({
  description: `One of: ${problemCodesOf(status)}.`,
  content: { 'application/problem+json': { schema: { $ref: `${REF}Problem` } } },
});

const operationOf = (route: Route): object => ({
  operationId: route.operationId,
  summary: route.summary,
  description: `For: ${route.roles.join(', ')}.`,
  parameters: parametersOf(route),
  ...(route.body && {
    requestBody: {
      required: route.body.isOptional !== true,
      content: { 'application/json': { schema: used(route.body.schema) } },
    },
  }),
  responses: {
    ...Object.fromEntries(route.answers.map((answer) => [answer.status, answerOf(answer)])),
    ...Object.fromEntries(refusalsOf(route).map((status) => [status, problemAnswer(status)])),
  },
});

const openOperationOf = ({ operationId, summary, answers }: OpenRoute): object => ({
  operationId,
  summary,
  security: [],
  responses: Object.fromEntries(
    Object.entries(answers).map(([status, { description, mediaType }]) => [
      status,
      { description, content: { [mediaType]: {} } },
    ]),
  ),
});

const pathsOf = (routes: readonly Route[], openRoutes: readonly OpenRoute[]): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  for (const route of openRoutes) paths[route.path] = { get: openOperationOf(route) };
  return paths;
};

/** The OpenAPI 3.1 description, made of the very schemas that validate. */
export const openApiOf = (
  routes: readonly Route[],
  openRoutes: readonly OpenRoute[],
  publicUrl = '/',
): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Punctual',
    version: '1',
    description:
      'Schedules jobs, once and again and again, lets their owners change their mind until they start, and tells what happened. Refusals are problem documents (RFC 9457).',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: publicUrl }],
  security: [{ bearer: [] }],
  paths: pathsOf(routes, openRoutes),
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' },
    },
    schemas: {
      Job: component(jobSchema),
      CommandedJob: component(commandedJobSchema),
      Schedule: component(scheduleSchema),
      Operation: component(operationSchema),
      Problem: component(problemSchema),
    },
  },
});
