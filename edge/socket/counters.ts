// What this edge's sockets have done since the start: plain numbers, read by /metrics.

export type SocketKind =
  | 'native-visitor'
  | 'native-agent'
  | 'live-chat-user'
  | 'live-chat-admin'
  | 'widget-visitor'
  | 'widget-agent'
  | 'support-user'
  | 'support-agent'
  | 'unknown';

export const socketCounters = {
  /** Open at this moment, by kind; `unknown`: not authenticated yet. */
  open: {
    'native-visitor': 0,
    'native-agent': 0,
    'live-chat-user': 0,
    'live-chat-admin': 0,
    'widget-visitor': 0,
    'widget-agent': 0,
    'support-user': 0,
    'support-agent': 0,
    unknown: 0,
  } satisfies Record<SocketKind, number>,
  framesIn: 0,
  framesOut: 0,
  /** Sockets closed because they did not read as fast as there was something to tell. */
  tooSlow: 0,
  /** Sockets closed because they sent too much. */
  tooMany: 0,
  /** Live copies that were found missing and read from the log. */
  gaps: 0,
  /** Conversations that this edge follows at this moment. */
  followed: 0,
};
