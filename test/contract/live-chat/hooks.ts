// The two React hooks of the live-chat document (seed 003), line by line as it has them, and the little of React that they need.
import WebSocket from 'ws';

// biome-ignore-start lint/suspicious/noExplicitAny: the document's code is JavaScript and stays as it stands
type Any = any;

/** What a hook finds around it: a page's fetch, its sockets, and React. */
interface Surroundings {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly WebSocket: { new (url: string): Any; readonly OPEN: number };
  readonly useState: <T>(initial: T | (() => T)) => [T, (next: T | ((before: T) => T)) => void];
}

/** The document's "Frontend Integration (React)". */
export const useLiveChat = ({ fetch, WebSocket, useState }: Surroundings) => {
  const [sessionId] = useState(() => `session-${Date.now()}-${Math.random().toString(36).substr(2, 9)}`);
  const [messages, setMessages] = useState<Any[]>([]);
  const [isConnected, setIsConnected] = useState(false);
  const [ws, setWs] = useState<Any>(null);

  // Start session
  const startSession = async (user: Any) => {
    const response = await fetch('/api/live-chat/sessions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sessionId, user }),
    });

    const data: Any = await response.json();
    if (data.success) {
      setMessages([data.data.welcomeMessage]);
      connectWebSocket();
    }
    return data;
  };

  // Connect WebSocket
  const connectWebSocket = () => {
    const socket = new WebSocket(`ws://localhost:5000/ws/live-chat?sessionId=${sessionId}`);

    socket.onopen = () => setIsConnected(true);
    socket.onclose = () => setIsConnected(false);

    socket.onmessage = (event: Any) => {
      const data = JSON.parse(event.data);
      if (data.type === 'agent_message') {
        setMessages((prev) => [...prev, data.message]);
      }
    };

    setWs(socket);
  };

  // Send message
  const sendMessage = async (content: string) => {
    const response = await fetch(`/api/live-chat/sessions/${sessionId}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ content }),
    });

    const data: Any = await response.json();
    if (data.success) {
      setMessages((prev) => [...prev, data.data]);
    }
    return data;
  };

  // Send typing indicator
  const sendTyping = (isTyping: boolean) => {
    if (ws && ws.readyState === WebSocket.OPEN) {
      ws.send(JSON.stringify({ type: 'typing', isTyping }));
    }
  };

  // The document gives no way to close; a test must. `connectWebSocket` is what a page calls to come back.
  return { sessionId, messages, isConnected, startSession, sendMessage, sendTyping, ws, connectWebSocket };
};

/** The document's "Admin Dashboard Integration". */
export const useAdminChat =
  (token: string) =>
  ({ fetch, WebSocket, useState }: Surroundings) => {
    const [sessions, setSessions] = useState<Any[]>([]);
    const [currentSession, setCurrentSession] = useState<Any>(null);
    const [ws, setWs] = useState<Any>(null);

    // Fetch sessions
    const fetchSessions = async (filters = {}) => {
      const params = new URLSearchParams(filters);
      const response = await fetch(`/api/admin/live-chat/sessions?${params}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      const data: Any = await response.json();
      if (data.success) setSessions(data.data);
    };

    // Connect as admin
    const connectAdmin = (agentId: string | number) => {
      const socket = new WebSocket(`ws://localhost:5000/ws/live-chat?admin=true&userId=${agentId}`);

      socket.onmessage = (event: Any) => {
        const data = JSON.parse(event.data);

        if (data.type === 'new_session') {
          setSessions((prev) => [data.session, ...prev]);
        }

        if (data.type === 'user_message' && currentSession?.sessionId === data.sessionId) {
          setCurrentSession((prev: Any) => ({
            ...prev,
            messages: [...prev.messages, data.message],
          }));
        }
      };

      setWs(socket);
    };

    // Send reply
    const sendReply = async (sessionId: string, content: string): Promise<Any> => {
      const response = await fetch(`/api/admin/live-chat/sessions/${sessionId}/reply`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ content }),
      });
      return response.json();
    };

    return { sessions, currentSession, fetchSessions, connectAdmin, sendReply, setCurrentSession, ws };
  };

/** A component that is nothing but one hook: rendered anew whenever its state has changed. */
export class Rendered<Shown extends { readonly ws: Any }> {
  readonly #hook: (around: Surroundings) => Shown;
  readonly #around: Surroundings;
  readonly #states: unknown[] = [];
  #next = 0;
  /** What the hook returned last. */
  now: Shown;

  /** `port`: where the page is served from, which the document calls localhost:5000. */
  constructor(hook: (around: Surroundings) => Shown, port: number) {
    this.#hook = hook;
    const Socket = class extends WebSocket {
      /** Settles with the first frame, and with the close code: what a test waits for and the hooks do not tell. */
      readonly greeted = new Promise((resolve) => this.once('message', resolve));
      readonly closed = new Promise((resolve) => this.once('close', resolve));

      constructor(url: string) {
        super(url.replace('localhost:5000', `127.0.0.1:${port}`));
      }
    };
    this.#around = {
      fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
      WebSocket: Socket as Surroundings['WebSocket'],
      useState: (initial) => this.#useState(initial),
    };
    this.now = this.#render();
  }

  #render(): Shown {
    this.#next = 0;
    this.now = this.#hook(this.#around);
    return this.now;
  }

  #useState<T>(initial: T | (() => T)): [T, (next: T | ((before: T) => T)) => void] {
    const slot = this.#next++;
    if (!(slot in this.#states))
      this.#states[slot] = typeof initial === 'function' ? (initial as () => T)() : initial;
    const set = (next: T | ((before: T) => T)) => {
      const before = this.#states[slot] as T;
      this.#states[slot] = typeof next === 'function' ? (next as (before: T) => T)(before) : next;
      this.#render();
    };
    return [this.#states[slot] as T, set];
  }

  /** Waits until what the hook returns is so. */
  async until(is: (shown: Shown) => boolean, within = 5_000): Promise<Shown> {
    for (const deadline = Date.now() + within; Date.now() < deadline; ) {
      if (is(this.now)) return this.now;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`not within ${within} ms: ${JSON.stringify({ ...this.now, ws: undefined })}`);
  }
}
// biome-ignore-end lint/suspicious/noExplicitAny: see above
