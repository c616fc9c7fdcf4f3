type Line = (details: object, message: string) => void;

/** What the processes need of a structured logger; pino's fits. */
export type Logger = {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
};
