/** What this browser keeps, and nobody else: takes and an unfinished picture walk, in IndexedDB. */

const NAME = "undertone";
const VERSION = 1;
const STORES = ["takes", "walk"];

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => STORES.forEach((store) => request.result.createObjectStore(store, { keyPath: "id" }));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** Every entry of a store, by id. */
export const readAll = (store) => run(store, "readonly", (entries) => entries.getAll());
export const keep = (store, entry) => run(store, "readwrite", (entries) => entries.put(entry));
export const forget = (store, id) => run(store, "readwrite", (entries) => entries.delete(id));
export const forgetAll = (store) => run(store, "readwrite", (entries) => entries.clear());
