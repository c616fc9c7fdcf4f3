export type FieldError = {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly code: string;
  readonly reason?: string;
};

/** What a refusal says (RFC 9457). */
type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
  /** When it was refused, by the server's clock, where that matters. */
  readonly at?: string;
};

/** A request that was refused, or that nobody answered. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** Without the `/problems/` before it; `unreachable` when nobody answered. */
  readonly code: string;
  readonly status: number;
  /** What to do next. */
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly errors: readonly FieldError[];
  /** When it was refused, by the server's clock. */
  readonly at: number | undefined;

  constructor(document: ProblemDocument) {
    const { type, title, status, detail = '', requestId, errors = [], at } = document;
    super(title);
    this.code = type.replace('/problems/', '');
    this.status = status;
    this.detail = detail;
    this.requestId = requestId;
    this.errors = errors;
    this.at = at === undefined ? undefined : Date.parse(at);
  }
}

export const unreachable = (): Problem =>
  new Problem({
    type: '/problems/unreachable',
    title: 'The server does not answer',
    status: 0,
    detail: 'Try again in a moment.',
  });

const isDocument = (value: unknown): value is ProblemDocument =>
  typeof value === 'object' && value !== null && 'title' in value && 'type' in value;

/** A proxy in front of the server answers with pages of its own. */
export const problemOf = async (response: Response): Promise<Problem> => {
  const body: unknown = await response.json().catch(() => undefined);
  if (isDocument(body)) return new Problem(body);
  return new Problem({
    type: '/problems/unexpected',
    title: `The server answered ${response.status}`,
    status: response.status,
    detail: 'Something between this page and the server may be down.',
  });
};

export const isProblem = (error: unknown, code: string): boolean =>
  error instanceof Problem && error.code === code;

const AWAY: ReadonlySet<number> = new Set([0, 502, 503, 504]);

/** Whether nobody answers for now: the next one who is asked may. */
export const isAway = (error: unknown): boolean =>
  error instanceof Problem && AWAY.has(error.status);
