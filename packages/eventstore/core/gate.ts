/** A sleeper's bell: `wait` resolves at the next `open`, at once when it was opened since the last wait. */
export const gate = () => {
  let opened = false;
  let wake: (() => void) | undefined;
  return {
    open: (): void => {
      opened = true;
      wake?.();
    },
    wait: async (): Promise<void> => {
      if (!opened) await new Promise<void>((resolve) => (wake = resolve));
      opened = false;
      wake = undefined;
    },
  };
};
