export type LiveEvent = {
  readonly id: string;
  readonly event: string;
  readonly data: {
    readonly position: string;
    readonly jobId?: string;
    readonly ownerId?: string;
    readonly status?: string;
    readonly revision?: number;
  };
};

export type LiveConnection = {
  /** What has come, in order; without beats. */
  readonly events: () => readonly LiveEvent[];
  /** The id that a browser would send as Last-Event-ID. */
  readonly lastEventId: () => string;
  readonly hasEnded: () => boolean;
  readonly close: () => Promise<void>;
};

const fieldsOf = (frame: string): ReadonlyMap<string, string> =>
  new Map(
    frame.split('\n').flatMap((line) => {
      const [, name, value] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? ''] as const];
    }),
  );

/**
 * Listens to `/v1/live` as a browser does.
 *
 * @throws Error when it is not answered with a stream
 */
export const openLive = async (
  httpUrl: string,
  key: string,
  lastEventId?: string,
): Promise<LiveConnection> => {
  const closing = new AbortController();
  const response = await fetch(`${httpUrl}/v1/live`, {
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    signal: closing.signal,
  });
  if (response.status !== 200 || !response.body) throw new Error(await response.text());
  const events: LiveEvent[] = [];
  let last = lastEventId ?? '';
  let hasEnded = false;

  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const frames = (text + chunk).split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const fields = fieldsOf(frame);
        last = fields.get('id') ?? last;
        const [data, event] = [fields.get('data'), fields.get('event') ?? 'message'];
        if (data !== undefined)
          events.push({ id: last, event, data: JSON.parse(data) as LiveEvent['data'] }); // written by the product
      }
    }
  };
  const reading = read(response.body)
    .catch(() => undefined) // cut, by us or by the server
    .finally(() => (hasEnded = true));
  return {
    events: () => events,
    lastEventId: () => last,
    hasEnded: () => hasEnded,
    close: async () => {
      closing.abort();
      await reading;
    },
  };
};
