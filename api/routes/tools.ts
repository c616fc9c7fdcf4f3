import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Logger } from '../exchange';
import { RETRY_AFTER } from '../failures';
import { LIMITS } from '../limits';
import { bodyRefusal } from '../problem';
import type { Call, Reply, Route } from '../route';
import {
  replayBody,
  simulateBody,
  toolLineSchema,
  verifyBody,
  type ReplayBody,
  type SimulateBody,
  type VerifyBody,
} from '../schemas/tool-requests';
import { validator } from '../schemas/validation';

/**
 * Runs a verb of the command line to its end, beside the API, to which it gives way.
 *
 * @param onLine  each line of its output, JSON; the next one waits until it resolves
 * @param signal  tells it to end
 * @returns       its exit code; undefined when it was killed
 */
export type RunTool = (
  args: readonly string[],
  onLine: (line: string) => Promise<void>,
  signal: AbortSignal,
) => Promise<number | undefined>;

export type ToolsDeps = {
  readonly run: RunTool;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
};

type Tool<Schema extends TSchema> = {
  readonly name: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly schema: Schema;
  readonly argsOf: (body: Static<Schema>) => readonly string[];
};

const MEDIA_TYPE = 'application/x-ndjson';

const HEADERS = {
  'Content-Type': MEDIA_TYPE,
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** `--name value` for each that is there, `--name` alone for true. */
const flagsOf = (
  flags: Readonly<Record<string, string | number | boolean | undefined>>,
): readonly string[] =>
  Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });

const replayArgs = ({ dryRun, maxDiffs }: ReplayBody): readonly string[] => [
  'replay',
  ...flagsOf({ 'dry-run': dryRun, 'max-diffs': maxDiffs }),
];

const verifyArgs = ({ from, to, seal }: VerifyBody): readonly string[] => [
  'audit',
  'verify',
  ...flagsOf({ from, to, seal }),
];

const simulateArgs = ({ source, synthetic, spread, ...numbers }: SimulateBody) => [
  'simulate',
  ...flagsOf({ log: source === 'log', forecast: source === 'forecast', synthetic, spread }),
  ...flagsOf(numbers),
];

const writeLine = async (response: ServerResponse, line: string): Promise<void> => {
  if (response.destroyed || response.write(`${line}\n`)) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
};

/** The tools that this process runs, one of a kind at a time. */
export const tools = ({ run, logger, isDraining }: ToolsDeps) => {
  const running = new Map<string, AbortController>();

  const stream = async (name: string, args: readonly string[], call: Call): Promise<void> => {
    const { response, requestId, principal } = call;
    const controller = new AbortController();
    running.set(name, controller);
    response.once('close', () => controller.abort());
    logger.info({ requestId, tool: name, principalId: principal.id }, 'tool begins');
    try {
      response.writeHead(200, HEADERS);
      const code = await run(args, (line) => writeLine(response, line), controller.signal);
      await writeLine(response, JSON.stringify({ kind: 'exit', code: code ?? null }));
      logger.info({ requestId, tool: name, code }, 'tool has ended');
    } catch (error) {
      logger.error({ err: error, requestId, tool: name }, 'tool could not run');
      await writeLine(response, JSON.stringify({ kind: 'exit', code: null }));
    } finally {
      running.delete(name);
      response.end();
    }
  };

  const routeOf = <Schema extends TSchema>(tool: Tool<Schema>): Route => {
    const check = validator(tool.schema);
    return {
      method: 'POST',
      path: `/v1/tools/${tool.name}`,
      operationId: tool.operationId,
      summary: tool.summary,
      roles: ['operator'],
      produces: MEDIA_TYPE,
      parameters: [],
      body: {
        schema: tool.schema,
        maxBytes: LIMITS.bodyBytes,
        shape: { payloadLevel: 0, maxLevels: LIMITS.nestingLevels },
        isOptional: true,
      },
      answers: [
        {
          status: 200,
          description: `${tool.description} One JSON object a line, as it comes; the last one, of the kind \`exit\`, has the exit code. Hanging up ends the work.`,
          schema: toolLineSchema,
          mediaType: MEDIA_TYPE,
        },
      ],
      handle: async (call): Promise<Reply> => {
        const body = check(call.body);
        if ('errors' in body) return bodyRefusal(body.errors);
        if (isDraining()) return { code: 'shutting-down', headers: RETRY_AFTER };
        if (running.has(tool.name)) return { code: 'tool-running', headers: RETRY_AFTER };
        await stream(tool.name, tool.argsOf(body.value), call);
        return 'taken';
      },
    };
  };

  return {
    routes: [
      routeOf({
        name: 'replay',
        operationId: 'replay',
        summary: 'Rebuild the read models from the log, beside the live ones',
        description: 'Progress, differences, the swap.',
        schema: replayBody,
        argsOf: replayArgs,
      }),
      routeOf({
        name: 'verify',
        operationId: 'verify',
        summary: 'Prove the promises over the log',
        description: 'Progress, violations, the conservation sum.',
        schema: verifyBody,
        argsOf: verifyArgs,
      }),
      routeOf({
        name: 'simulate',
        operationId: 'simulate',
        summary: 'Try other settings on a load, in virtual time',
        description: 'Lateness and load per minute.',
        schema: simulateBody,
        argsOf: simulateArgs,
      }),
    ] satisfies readonly Route[],
    /** Tells what runs to end: it goes on where it stopped when it is asked for again. */
    endAll: (): void => {
      for (const controller of running.values()) controller.abort();
    },
  };
};
