/** Whether a JSON value is nested no deeper than that. Looks no deeper either, so any value will do. */
export const isWithinLevels = (value: unknown, maxLevels: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (maxLevels === 0) return false;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return parts.every((part) => isWithinLevels(part, maxLevels - 1));
};
