/** Which job was planned for which occurrence of which schedule. */
export type Occurrences = {
  /** @returns the stream of another job that has the occurrence already */
  readonly claim: (scheduleId: string, occurrenceAt: string, stream: string) => string | undefined;
};

export const openOccurrences = (): Occurrences => {
  const claimed = new Map<string, Map<string, string>>();
  return {
    claim: (scheduleId, occurrenceAt, stream) => {
      let its = claimed.get(scheduleId);
      if (!its) claimed.set(scheduleId, (its = new Map<string, string>()));
      const other = its.get(occurrenceAt);
      if (other === undefined) its.set(occurrenceAt, stream);
      return other === stream ? undefined : other;
    },
  };
};
