// The one fault of the log that the doors tell apart: it is away, and whoever asks again later will find it.

/** Nobody answers at the log's servers right now, or not in time; a read or a write to a bucket may be tried again. */
export class LogUnreachable extends Error {
  constructor(why = "the log's servers cannot be reached right now") {
    super(why);
    this.name = 'LogUnreachable';
  }
}
