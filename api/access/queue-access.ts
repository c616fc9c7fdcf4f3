/** The queues that an owner may use; `any` unless set otherwise. */
export type QueuesOf = (ownerId: string) => readonly string[] | 'any';

export const mayUse = (queuesOf: QueuesOf, ownerId: string, queue: string): boolean => {
  const queues = queuesOf(ownerId);
  return queues === 'any' || queues.includes(queue);
};
