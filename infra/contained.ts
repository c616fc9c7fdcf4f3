/**
 * A callback that a connection may call: what it throws is told and stays here, for in the hands of a driver it would
 * end the connection or the process, and with it the work of everybody else.
 */
export const contained =
  <Args extends readonly unknown[]>(
    call: (...args: Args) => void,
    onFault: (error: unknown) => void,
  ): ((...args: Args) => void) =>
  (...args) => {
    try {
      call(...args);
    } catch (error) {
      onFault(error);
    }
  };
