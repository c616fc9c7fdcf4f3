/** What was opened, to be closed in reverse. */
export type Resources = {
  readonly own: <T>(resource: T, close: (resource: T) => unknown) => T;
  /** Closes everything, the newest first, even when something fails on the way. @throws AggregateError */
  readonly close: () => Promise<void>;
};

export const resources = (): Resources => {
  const closers: (() => unknown)[] = [];
  return {
    own: (resource, close) => {
      closers.push(() => close(resource));
      return resource;
    },
    close: async () => {
      const errors: unknown[] = [];
      for (const close of closers.splice(0).reverse())
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      if (errors.length > 0) throw new AggregateError(errors, 'not everything closed cleanly');
    },
  };
};

/** Makes a thing when it is first asked for, and the same thing from then on. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
