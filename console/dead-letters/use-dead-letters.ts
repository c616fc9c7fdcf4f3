import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DeadLetters } from '../http/answers';
import { readFresh } from '../http/client';

const LOOK_MS = 5_000;

const placeOf = ({ errorCode, queue }: DeadLetters['causes'][number]): string =>
  `${queue} ${errorCode}`;

/** Causes stay where they are while they are looked at: new ones come below. */
const inPlace = (before: DeadLetters | undefined, now: DeadLetters): DeadLetters => {
  const places = new Map(before?.causes.map((cause, place) => [placeOf(cause), place]));
  const place = (cause: DeadLetters['causes'][number]): number =>
    places.get(placeOf(cause)) ?? places.size;
  return { ...now, causes: now.causes.toSorted((a, b) => place(a) - place(b)) };
};

/** Jobs that failed for good, by cause; read again while they are looked at. */
export const useDeadLetters = (ownerId: string | undefined) =>
  useQuery({
    queryKey: ['dead-letters', ownerId],
    queryFn: ({ signal }) => readFresh<DeadLetters>('v1/dead-letters', { ownerId }, signal),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
    structuralSharing: (before, now) =>
      inPlace(before as DeadLetters | undefined, now as DeadLetters), // both are of this query
  });
