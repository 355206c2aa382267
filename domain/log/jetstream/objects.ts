// The store of large values on JetStream; what comes back was checked against the digest it was stored with.
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { Objects } from '../log.ts';
import type { Link } from './link.ts';

/** How long one object may take, in milliseconds: the client itself would wait for a lost part for ever. */
const GET_MS = 60_000;

/** Opens the store, or makes it. At start only: made on read, a lost store would look like an empty one. */
export async function openObjects(link: Link, name: string, replicas: number): Promise<Objects> {
  return new JetStreamObjects(link, await new Objm(link.js).create(name, { replicas }));
}

class JetStreamObjects implements Objects {
  readonly #link: Link;
  readonly #store: ObjectStore;

  constructor(link: Link, store: ObjectStore) {
    this.#link = link;
    this.#store = store;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.#link.assertConnected();
    await this.#store.putBlob({ name }, bytes);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.#link.assertConnected();
    const info = await this.#store.info(name);
    if (!info || info.deleted) return undefined;
    // Where no part is left the client would wait for the first one until the time is over.
    const part = { last_by_subj: `$O.${info.bucket}.C.${info.nuid}` };
    if (info.size > 0 && !(await this.#link.jsm.direct.getMessage(`OBJ_${info.bucket}`, part))) {
      throw new Error(`the object ${name} is damaged: its parts are missing`);
    }
    const bytes = await within(GET_MS, this.#store.getBlob(name), `the object ${name} did not come in time`);
    if (!bytes) return undefined;
    if (bytes.length !== info.size)
      throw new Error(`the object ${name} is damaged: ${bytes.length} of ${info.size} bytes`);
    return bytes;
  }

  async delete(name: string): Promise<void> {
    this.#link.assertConnected();
    await this.#store.delete(name);
  }
}

async function within<T>(ms: number, promise: Promise<T>, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
