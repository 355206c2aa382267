// Where messages wait to be sent: IndexedDB, so that they outlive the page; memory where the browser allows no storage.

export interface StoredMessage {
  /** The command's id: the same on every try. */
  readonly command: string;
  /** Which outbox it waits in: one per conversation and sender. */
  readonly box: string;
  readonly text: string;
  /** `note`: for agents' eyes only. */
  readonly kind: 'message' | 'note';
  /** Files not uploaded yet. */
  readonly files: readonly { readonly name: string; readonly blob: Blob }[];
  /** Ids of the files once they are uploaded. */
  readonly attachments: readonly string[];
  /** When it was written, ISO 8601. */
  readonly at: string;
  /** Why the server does not want it, in one sentence; it is kept until its writer decides. */
  readonly failed?: string;
}

/** Keeps messages by command id; ids ascend with time, so their order is the order of writing. */
export interface OutboxStore {
  /** All of a box, oldest first. */
  all(box: string): Promise<StoredMessage[]>;
  put(message: StoredMessage): Promise<void>;
  remove(command: string): Promise<void>;
  /** Names of the boxes with this prefix in which something waits. */
  boxes(prefix: string): Promise<string[]>;
}

const DATABASE = 'natter';
const TABLE = 'outbox';
/** Milliseconds after which a database that does not open is done without: some browsers never answer. */
const PATIENCE = 10_000;

/**
 * A store in the browser's database; in memory where that is refused (private windows, blocked storage).
 * It can be used at once: what is asked before the database is open waits for it, in the order of asking.
 */
export function openOutboxStore(): OutboxStore {
  // Blocked storage is the visitor's choice: chat goes on, only a reload loses what was not sent.
  const opened = openDatabase().then(inDatabase, inMemory);
  return {
    all: async (box) => (await opened).all(box),
    put: async (message) => (await opened).put(message),
    remove: async (command) => (await opened).remove(command),
    boxes: async (prefix) => (await opened).boxes(prefix),
  };
}

/** A store that forgets everything with the page. */
export function inMemory(): OutboxStore {
  const kept = new Map<string, StoredMessage>();
  const sorted = () => [...kept.values()].sort((left, right) => (left.command < right.command ? -1 : 1));
  return {
    all: async (box) => sorted().filter((message) => message.box === box),
    put: async (message) => void kept.set(message.command, message),
    remove: async (command) => void kept.delete(command),
    boxes: async (prefix) =>
      [...new Set(sorted().map((message) => message.box))].filter((box) => box.startsWith(prefix)),
  };
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(TABLE, { keyPath: 'command' }).createIndex('box', ['box', 'command']);
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error('the database is blocked'));
    setTimeout(() => reject(new Error('the database does not open')), PATIENCE);
  });
}

function inDatabase(database: IDBDatabase): OutboxStore {
  return {
    all: (box) =>
      run(database, 'readonly', (table) =>
        table.index('box').getAll(IDBKeyRange.bound([box, ''], [box, '\uffff'])),
      ),
    put: (message) => run(database, 'readwrite', (table) => table.put(message)).then(() => undefined),
    remove: (command) => run(database, 'readwrite', (table) => table.delete(command)),
    async boxes(prefix) {
      const range = IDBKeyRange.bound([prefix], [`${prefix}\uffff`]);
      const all = await run<StoredMessage[]>(database, 'readonly', (table) =>
        table.index('box').getAll(range),
      );
      return [...new Set(all.map((message) => message.box))];
    },
  };
}

/** One request in a transaction of its own; settles when the transaction is on disk, not before. */
function run<Result>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  ask: (table: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
    const request = ask(transaction.objectStore(TABLE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
