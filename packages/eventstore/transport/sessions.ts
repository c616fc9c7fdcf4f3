import type { Http2Server, ServerHttp2Session } from 'node:http2';

/** How often each session is pinged, and how many pings in a row may go unanswered. */
const pingEveryMs = 10_000;
const pingsMissed = 3;

export type OpenSessions = {
  readonly count: () => number;
  /** Tells peers to open no more calls; those that keep the connection are cut off after the grace. */
  readonly close: (graceMs: number) => Promise<void>;
};

/** Keeps the sessions of a server, and finds those whose peer is gone without a word. */
export const keepSessions = (server: Http2Server, windowBytes: number): OpenSessions => {
  const missed = new Map<ServerHttp2Session, number>();
  let onNone: () => void = () => undefined;

  server.on('session', (session) => {
    missed.set(session, 0);
    session.on('error', () => undefined); // the peer has gone; 'close' follows
    session.once('close', () => {
      missed.delete(session);
      if (missed.size === 0) onNone();
    });
    session.setLocalWindowSize(windowBytes);
  });
  server.on('sessionError', () => undefined);

  const pingAll = (): void => {
    for (const [session, pings] of missed) {
      if (pings >= pingsMissed) session.destroy();
      else {
        missed.set(session, pings + 1);
        if (!session.destroyed)
          session.ping((error) => {
            if (!error && missed.has(session)) missed.set(session, 0);
          });
      }
    }
  };
  const pinging = setInterval(pingAll, pingEveryMs).unref();

  return {
    count: () => missed.size,
    close: async (graceMs) => {
      clearInterval(pinging);
      for (const session of missed.keys()) session.close();
      if (missed.size === 0) return;
      const cutOff = setTimeout(() => {
        for (const session of missed.keys()) session.destroy();
      }, graceMs);
      await new Promise<void>((resolve) => (onNone = resolve));
      clearTimeout(cutOff);
    },
  };
};
