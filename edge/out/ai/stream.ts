// Server-sent events as they arrive: split anywhere, with any line ending, with comments between them.

const LF = '\n';
const CR = '\r';

/** Reads the `data` of server-sent events out of bytes (WHATWG HTML, 9.2.6); all other fields and comments are passed over. */
export class EventReader {
  // `fatal`: bytes that are no UTF-8 are a broken answer, not question marks for the visitor.
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #line = '';
  #data: string[] = [];
  #afterCr = false;

  /** The data of each event that these bytes complete. Throws TypeError where they are no UTF-8. */
  push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /**
   * The data of what was begun and not ended by an empty line: some endpoints leave it out after their
   * last event. Throws TypeError where the bytes end within a character.
   */
  end(): string[] {
    return this.#take(`${this.#decoder.decode()}${LF}${LF}`);
  }

  #take(text: string): string[] {
    const complete: string[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      const secondHalf = character === LF && this.#afterCr;
      this.#afterCr = character === CR;
      if (secondHalf) from = at + 1;
      else if (character === LF || character === CR) {
        this.#endLine(this.#line + text.slice(from, at), complete);
        this.#line = '';
        from = at + 1;
      }
    }
    this.#line += text.slice(from);
    return complete;
  }

  #endLine(line: string, complete: string[]): void {
    if (line === '') {
      if (this.#data.length > 0) complete.push(this.#data.join(LF));
      this.#data = [];
    } else if (line === 'data') this.#data.push('');
    else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }
}
