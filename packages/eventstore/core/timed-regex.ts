import { createContext, Script } from 'node:vm';

/** Names and types are at most 1,024 bytes: a page of them takes a sane expression well under a millisecond. */
const budgetMs = 200;

export type TimedTest = (
  expression: RegExp,
  texts: readonly string[],
) => readonly boolean[] | 'too-slow';

/**
 * Tests texts against expressions of strangers, some of which backtrack for years. A call blocks for at most
 * twice `budgetMs`: it runs under a watchdog, a second time because a busy machine may have stopped the first.
 */
export const timedTests = (): TimedTest => {
  const sandbox: { expression: RegExp | undefined; texts: readonly string[] } = {
    expression: undefined,
    texts: [],
  };
  const context = createContext(sandbox);
  const script = new Script('texts.map((text) => expression.test(text))');
  const attempt = (): readonly boolean[] | undefined => {
    try {
      // the script gives one boolean a text
      return script.runInContext(context, { timeout: budgetMs }) as readonly boolean[];
    } catch {
      return undefined; // out of time, or too large to be compiled
    }
  };
  return (expression, texts) => {
    Object.assign(sandbox, { expression, texts });
    const verdicts = attempt() ?? attempt() ?? 'too-slow';
    Object.assign(sandbox, { expression: undefined, texts: [] });
    return verdicts;
  };
};
