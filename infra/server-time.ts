/** What a server says that the time is, and how far it may be off by the way it says it, in ms; undefined when it does not tell. */
export type ServerTime = () => Promise<
  { readonly nowMs: number; readonly withinMs: number } | undefined
>;
