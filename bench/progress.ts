/** Tells a person what goes on. */
export type Note = (text: string) => void;

const startedAtMs = performance.now();

/** Progress goes to stderr: stdout is for the measurements. */
export const note: Note = (text) => {
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
};
