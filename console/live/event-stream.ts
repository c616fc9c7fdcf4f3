/** A comment is one named `comment`. */
export type StreamEvent = { readonly event: string; readonly data: string };

export type StreamReader = {
  /** Takes what came, wherever it was cut; gives the events that are whole. */
  readonly take: (chunk: string) => readonly StreamEvent[];
  /** What to send as Last-Event-ID. */
  readonly lastEventId: () => string | undefined;
};

/** A parser of server-sent events: `EventSource` cannot send a token. */
export const streamReader = (from: string | undefined): StreamReader => {
  let rest = '';
  let lastEventId = from;

  const eventsOf = (frame: string): readonly StreamEvent[] => {
    let event = 'message';
    const data: string[] = [];
    const comments: StreamEvent[] = [];
    for (const line of frame.split('\n')) {
      if (line.startsWith(':')) comments.push({ event: 'comment', data: line.slice(1).trim() });
      const [, name, value = ''] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
      if (name === 'id') lastEventId = value;
      else if (name === 'event') event = value;
      else if (name === 'data') data.push(value);
    }
    return data.length > 0 ? [...comments, { event, data: data.join('\n') }] : comments;
  };

  return {
    take: (chunk) => {
      const frames = (rest + chunk).replaceAll('\r\n', '\n').split('\n\n');
      rest = frames.pop() ?? '';
      return frames.flatMap(eventsOf);
    },
    lastEventId: () => lastEventId,
  };
};
