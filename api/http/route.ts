import type { ServerResponse } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import type { JsonShape } from '../../domain/json/strict-json';
import type { Authenticate, Principal, Role } from '../access/principal';
import type { Late } from './failures';
import type { FieldError, Refusal } from './problem';

/** A request that came through: who asks is known, the body is JSON. */
export type Call = {
  readonly principal: Principal;
  readonly requestId: string;
  readonly method: string;
  /** As asked for, without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: unknown;
  /** Keys and values of the body that cannot be kept as they are; none unless the route takes them item by item. */
  readonly findings: readonly FieldError[];
  /** What the work comes to; what takes longer than a request may is answered as `late`, the route's own by default. */
  readonly inTime: <T>(work: (signal: AbortSignal) => Promise<T>, late?: Late) => Promise<T>;
  /** For the routes that stream. */
  readonly response: ServerResponse;
};

export type Answer = {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** `taken`: the route answers by itself. */
export type Reply = Answer | Refusal | 'taken';

export const isAnswer = (reply: Answer | Refusal): reply is Answer => 'status' in reply;

export type BodyRule = {
  readonly schema: TSchema;
  readonly maxBytes: number;
  readonly shape: JsonShape;
  /** Nothing at all is as good as `{}`. */
  readonly isOptional?: true;
  /** The route refuses single items, not the whole body. */
  readonly isByItem?: true;
};

export type Parameter = {
  readonly name: string;
  readonly description: string;
  readonly schema: TSchema;
};

export type RouteAnswer = {
  readonly status: number;
  readonly description: string;
  readonly schema: TSchema;
  readonly mediaType?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly roles: readonly Role[];
  /** In place of what all others tell callers by. */
  readonly authenticate?: Authenticate;
  /** Default: JSON. */
  readonly produces?: 'text/event-stream' | 'application/x-ndjson';
  /** Of the query. */
  readonly parameters?: readonly Parameter[];
  readonly requestHeaders?: readonly Parameter[];
  readonly body?: BodyRule;
  readonly answers: readonly RouteAnswer[];
  /** What it means when what it asks for does not come in time; `never`: it takes the time that it takes. */
  readonly late: Late | 'never';
  readonly handle: (call: Call) => Promise<Reply>;
};
