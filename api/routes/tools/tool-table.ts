import type { Static, TSchema } from '@sinclair/typebox';
import { RETRY_AFTER } from '../../http/failures';
import type { Refusal } from '../../http/problem';
import type { RouteAnswer } from '../../http/route';
import { problemSchema } from '../../schemas/job-answers';
import {
  exportBody,
  replayBody,
  simulateBody,
  toolLineSchema,
  verifyBody,
} from '../../schemas/tool-requests';
import { validator } from '../../schemas/validation';
import { LINES, type Output } from './run-tool';

type Args = readonly string[];

type Told<Schema extends TSchema> = Partial<Output> & {
  /** Of the route and the operation. */
  readonly name: string;
  readonly summary: string;
  /** What the lines of the answer are. */
  readonly description: string;
  readonly schema: Schema;
  /** For a body that is not of the schema, when a list of errors does not tell what to do. */
  readonly hint?: string;
  readonly argsOf: (body: Static<Schema>) => Args;
  /** What it may answer besides. */
  readonly answers?: readonly RouteAnswer[];
};

/** A tool that operators may run over HTTP: a verb of the command line, without the flags that name a file. */
export type Tool = Output & {
  readonly name: string;
  readonly summary: string;
  readonly schema: TSchema;
  readonly argsFrom: (body: unknown) => { readonly args: Args } | { readonly refusal: Refusal };
  readonly answers: readonly RouteAnswer[];
};

const toolOf = <Schema extends TSchema>(told: Told<Schema>): Tool => {
  const { hint, argsOf, description, answers = [], ...tool } = told;
  const check = validator(tool.schema);
  return {
    endsItself: false,
    refusals: {},
    ...tool,
    argsFrom: (body) => {
      const checked = check(body);
      return 'value' in checked
        ? { args: argsOf(checked.value) }
        : { refusal: { ...checked.refusal, ...(hint !== undefined && { detail: hint }) } };
    },
    answers: [
      {
        status: 200,
        description: `${description} Hanging up ends the work.`,
        schema: toolLineSchema,
        mediaType: LINES,
      },
      ...answers,
    ],
  };
};

/** A flag for each property, of the same name: `--name=value`, so that a value is never a flag; `--name` for true. */
const flagsOf = (body: Readonly<Record<string, string | number | boolean | undefined>>): Args =>
  Object.entries(body).flatMap(([property, value]) => {
    const flag = `--${property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [`${flag}=${value}`];
  });

const IN_LINES =
  'One JSON object a line, as it comes; the last one, of the kind `exit`, has the exit code.';

export const toolTable: readonly Tool[] = [
  toolOf({
    name: 'replay',
    summary: 'Rebuild the read models from the log, beside the live ones',
    description: `Progress, differences, the swap. ${IN_LINES}`,
    schema: replayBody,
    argsOf: (body) => ['replay', ...flagsOf(body)],
  }),
  toolOf({
    name: 'verify',
    summary: 'Prove the promises over the log',
    description: `Progress, violations, the conservation sum. ${IN_LINES}`,
    schema: verifyBody,
    argsOf: (body) => ['audit', 'verify', ...flagsOf(body)],
  }),
  toolOf({
    name: 'export',
    summary: 'Hand out events with the seals and proofs that show that none is changed or missing',
    description:
      'The file of `punctual audit export`, for `tools/verify-export.mjs`. When it fails under way, the last line is of the kind `exit` instead of `end` and has the exit code.',
    schema: exportBody,
    hint: 'Give `from` and `to`, each an RFC 3339 time or a position, or `job`, the id of one; with either a `rate`, nothing else.',
    argsOf: (body) => ['audit', 'export', ...flagsOf(body), '--out=-'],
    endsItself: true,
    // as the usage of the verb tells
    refusals: {
      4: { code: 'not-sealed-yet', headers: RETRY_AFTER },
      5: { code: 'job-not-found' },
    },
    answers: [
      {
        status: 404,
        description: 'One of: job-not-found.',
        schema: problemSchema,
        mediaType: 'application/problem+json',
      },
    ],
  }),
  toolOf({
    name: 'simulate',
    summary: 'Try other settings on a load, in virtual time',
    description: `Lateness and load per minute. ${IN_LINES}`,
    schema: simulateBody,
    argsOf: ({ source, ...body }) => [
      'simulate',
      ...(source === undefined ? [] : [`--${source}`]),
      ...flagsOf(body),
    ],
  }),
];
