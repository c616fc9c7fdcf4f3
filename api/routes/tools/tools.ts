import type { Actor } from '../../../domain/events/metadata';
import type { Verification } from '../../../domain/system/verification';
import { actorOf } from '../../access/principal';
import type { Logger } from '../../http/exchange';
import { RETRY_AFTER } from '../../http/failures';
import { LIMITS } from '../../access/limits';
import type { Call, Reply, Route } from '../../http/route';
import { answerInLines, LINES, type RunTool } from './run-tool';
import { toolTable, type Tool } from './tool-table';
import { endingLines, verificationIn } from './verification-heard';

export type ToolsDeps = {
  readonly run: RunTool;
  /** Keeps what a verification found, that came to its end. */
  readonly recordVerification: (found: Verification, actor: Actor) => Promise<void>;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
};

/** The tools that this process runs, one of a kind at a time. */
export const tools = ({ run, recordVerification, logger, isDraining }: ToolsDeps) => {
  const running = new Map<string, AbortController>();

  const keep = async (lines: readonly string[], { body, principal, requestId }: Call) => {
    const found = verificationIn(body, lines);
    if (!found) return;
    try {
      await recordVerification(found, actorOf(principal));
    } catch (error) {
      logger.warn(
        { requestId, err: error },
        'what the verification found was told and not recorded',
      );
    }
  };

  const answer = async (tool: Tool, args: readonly string[], call: Call): Promise<Reply> => {
    const { response, requestId, principal } = call;
    const about = { requestId, tool: tool.name };
    const controller = new AbortController();
    running.set(tool.name, controller);
    response.once('close', () => controller.abort());
    logger.info({ ...about, principalId: principal.id }, 'tool begins');
    const ending = endingLines();
    const work: Parameters<typeof answerInLines>[0] = async (onLine) => {
      const hear = (line: string): Promise<void> => {
        if (tool.name === 'verify') ending.hear(line);
        return onLine(line);
      };
      try {
        const code = await run(args, hear, controller.signal);
        logger.info({ ...about, code }, 'tool has ended');
        await keep(ending.lines(), call);
        return code;
      } catch (error) {
        logger.error({ ...about, err: error }, 'tool could not run');
        return undefined;
      }
    };
    try {
      return await answerInLines(work, tool, response);
    } finally {
      running.delete(tool.name);
    }
  };

  const routeOf = (tool: Tool): Route => ({
    method: 'POST',
    path: `/v1/tools/${tool.name}`,
    operationId: tool.name,
    summary: tool.summary,
    roles: ['operator'],
    produces: LINES,
    body: {
      schema: tool.schema,
      maxBytes: LIMITS.bodyBytes,
      shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
      ...('args' in tool.argsFrom({}) && { isOptional: true as const }),
    },
    answers: tool.answers,
    late: 'never',
    handle: async (call): Promise<Reply> => {
      const asked = tool.argsFrom(call.body);
      if ('refusal' in asked) return asked.refusal;
      if (isDraining()) return { code: 'shutting-down', headers: RETRY_AFTER };
      if (running.has(tool.name)) return { code: 'tool-running', headers: RETRY_AFTER };
      return await answer(tool, asked.args, call);
    },
  });

  return {
    routes: toolTable.map(routeOf),
    /** Tells what runs to end: it goes on where it stopped when it is asked for again. */
    endAll: (): void => {
      for (const controller of running.values()) controller.abort();
    },
  };
};
