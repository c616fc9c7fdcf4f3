/** A name as it stands in a statement, whatever is in it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
