/** A server that says nothing for this long, while somebody waits for the next piece of a read, is given up. */
export const SILENT_READ_MS = 20_000;

/** The server has begun to answer, or was asked to, and says nothing more. */
export class ReadSilent extends Error {
  override readonly name = 'ReadSilent';
}

/**
 * The same pieces, as long as they come: the client gives its streaming reads no limit. The time that the reader takes
 * for a piece does not count.
 *
 * @param giveUp  ends the read with that error
 */
export async function* unlessSilent<T>(
  pieces: AsyncIterable<T>,
  giveUp: (error: Error) => void,
  silentMs = SILENT_READ_MS,
): AsyncGenerator<T, void, undefined> {
  let waitsSinceMs: number | undefined = performance.now();
  const timer = setInterval(() => {
    if (waitsSinceMs === undefined || performance.now() - waitsSinceMs < silentMs) return;
    giveUp(new ReadSilent(`the event store has said nothing for ${silentMs} ms`));
  }, silentMs / 4);
  timer.unref();
  try {
    for await (const piece of pieces) {
      waitsSinceMs = undefined;
      yield piece;
      waitsSinceMs = performance.now();
    }
  } finally {
    clearInterval(timer);
  }
}
