/**
 * The call's own result, or the error of `late` when that takes longer; the call itself goes on. What has come by then
 * counts: a program that got no processor for as long as that reads its sockets before it gives anybody up.
 */
export const within = async <T>(
  call: Promise<T>,
  withinMs: number,
  late: () => Error = () => new Error(`no answer within ${withinMs} ms`),
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  let afterReading: NodeJS.Immediate | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // timers that are over may come before sockets that have something, and immediates come after those
      afterReading = setImmediate(() => {
        reject(late());
      });
    }, withinMs);
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
    clearImmediate(afterReading);
  }
};
