/** The versions of a real server that ours can be as strict as, in tests of programs. */
export const realVersions = ['23.10'] as const;

export type RealVersion = (typeof realVersions)[number];

export const isRealVersion = (text: string): text is RealVersion =>
  (realVersions as readonly string[]).includes(text);
