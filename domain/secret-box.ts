/** Keeps secrets of others where anybody may look: only who has the key can open them. */
export type SecretBox = {
  /** @param about  what it belongs to: opened for anything else it is nothing */
  readonly seal: (secret: string, about: string) => string;
  /** Undefined for what was sealed with another key or about something else. */
  readonly open: (sealed: string, about: string) => string | undefined;
};
