/** The call's own result, or the error of `late` when that takes longer; the call itself goes on. */
export const within = async <T>(
  call: Promise<T>,
  withinMs: number,
  late: () => Error = () => new Error(`no answer within ${withinMs} ms`),
): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late());
    }, withinMs);
  });
  try {
    return await Promise.race([call, limit]);
  } finally {
    clearTimeout(timer);
  }
};
