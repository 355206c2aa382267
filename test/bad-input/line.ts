// A WebSocket for bad frames: says one, and tells what came of it.
import WebSocket from 'ws';

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export class Line {
  readonly #socket: WebSocket;
  /** Frames that came, as they were. */
  readonly heard: unknown[] = [];
  ended: Ending | undefined;

  private constructor(address: string) {
    this.#socket = new WebSocket(address);
    this.#socket.on('message', (data) => this.heard.push(read(String(data))));
    this.#socket.on('close', (code, reason) => {
      this.ended = { code, reason: String(reason) };
    });
    this.#socket.on('error', () => {
      // A close follows, and that is what is looked at.
    });
  }

  /** Opens one; resolves once it is open, or closed again. */
  static async open(port: number, path: string): Promise<Line> {
    const line = new Line(`ws://127.0.0.1:${port}${path}`);
    await new Promise((resolve) => line.#socket.once('open', resolve).once('close', resolve));
    return line;
  }

  /** Says it, and waits until the server has read it: it answers a ping that comes after, or has closed. */
  async say(frame: string | Uint8Array): Promise<void> {
    if (this.ended) return;
    this.#socket.send(frame);
    await this.settled();
  }

  async settled(): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('neither a pong nor a close within 10 s')), 10_000);
      const done = () => {
        clearTimeout(late);
        this.#socket.off('pong', done).off('close', done);
        resolve();
      };
      this.#socket.once('pong', done).once('close', done);
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
    });
  }

  /** Waits for the server to close it. */
  async end(within = 5_000): Promise<Ending> {
    for (const deadline = Date.now() + within; !this.ended && Date.now() < deadline; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    return this.ended ?? { code: 0, reason: 'it is still open' };
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** What came: JSON, or text of another protocol. */
function read(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}
