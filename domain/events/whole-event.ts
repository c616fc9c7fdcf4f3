import { decodeEvent, type StoredEvent } from './catalog';
import { badFieldOf, type Checked } from './kind';
import type { EventMetadata } from './metadata';
import { UnknownEventType } from './upcast';

type Reading<Type extends string> = {
  /** With its article, for sentences: `a schedule`. */
  readonly aggregate: string;
  readonly isType: (type: string) => type is Type;
  readonly kindOf: (type: Type) => Checked;
};

/**
 * Reads stored events of one aggregate: all fields that make sense of them are there.
 *
 * @returns a function that throws Error for an event that lacks something, UnknownEventType for the type of no event
 *   of the aggregate, and as `decodeEvent`
 */
export const wholeEvents =
  <Fact extends { readonly type: string }>({
    aggregate,
    isType,
    kindOf,
  }: Reading<Fact['type']>): ((
    stored: StoredEvent,
  ) => Fact & { readonly metadata: EventMetadata }) =>
  (stored) => {
    if (!isType(stored.type))
      throw new UnknownEventType(
        `${stored.type} is no event of ${aggregate} of this build: upgrade it if a newer one wrote it`,
      );
    const { type } = stored;
    const fact = decodeEvent(stored);
    const bad = badFieldOf(kindOf(type), { ...fact.data });
    if (bad !== undefined)
      throw new Error(`${type} at revision ${fact.revision} has no ${bad} that makes sense`);
    // the log holds only what a decision recorded or a lift made of it; both are typed where they are written
    return fact as unknown as Fact & { readonly metadata: EventMetadata };
  };
