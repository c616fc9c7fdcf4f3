/**
 * Does something at once, and again while it is asked for: never twice at a time, at most so often, and always once
 * more after it was last asked for.
 *
 * @param gapMs  from the end of one turn to the beginning of the next
 */
export const paced = (work: () => Promise<unknown>, gapMs: number): (() => void) => {
  let isResting = false;
  let isWanted = false;
  const turn = (): void => {
    if (isResting || !isWanted) return;
    [isResting, isWanted] = [true, false];
    void work()
      .catch(() => undefined) // who shows it tells
      .finally(() =>
        setTimeout(() => {
          isResting = false;
          turn();
        }, gapMs),
      );
  };
  return () => {
    isWanted = true;
    turn();
  };
};
