/**
 * Lets all who ask the same share one answer: of each question one is being answered at a time, and who asks meanwhile
 * shares the next answer. So none is older than its question, and a hundred who ask cost no more than two.
 *
 * @param keyOf  the same text for the same question; of what two principals may not both see, never
 */
export const shared = <Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
  keyOf: (question: Question) => string,
): ((question: Question) => Promise<Answer>) => {
  const current = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<Answer>>();

  const begin = (key: string, question: Question): Promise<Answer> => {
    const begun = answer(question).finally(() => current.delete(key));
    current.set(key, begun);
    return begun;
  };

  return (question) => {
    const key = keyOf(question);
    const joined = next.get(key);
    if (joined) return joined;
    const before = current.get(key);
    if (!before) return begin(key, question);
    const after = before
      .catch(() => undefined)
      .then(() => {
        next.delete(key);
        return begin(key, question);
      });
    next.set(key, after);
    return after;
  };
};
