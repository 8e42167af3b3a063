/** Sound that the server has not acknowledged: in memory to be sent, and in IndexedDB to outlive the tab. */

/** Samples of which one entry in the database is made: half a second. */
const ENTRY = 8_000;

/** Samples from `first` to `end`; what is missing between is silence. */
export class UnsavedSound {
  /** @type {{position: number, samples: Int16Array}[]} */ #blocks = [];
  #first;
  #end;

  /** @param {number} [first] position of the first sample that will be added */
  constructor(first = 0) {
    this.#first = first;
    this.#end = first;
  }

  get first() {
    return this.#first;
  }

  get end() {
    return this.#end;
  }

  /** Samples that are really here. */
  get held() {
    return this.#blocks.reduce((sum, { samples }) => sum + samples.length, 0);
  }

  /** The position that they got. @param {Int16Array} samples */
  add(samples) {
    const position = this.#end;
    this.#blocks.push({ position, samples });
    this.#end += samples.length;
    return position;
  }

  /** Nothing is known of what comes before `position`. @param {number} position */
  skipTo(position) {
    this.#end = Math.max(this.#end, position);
  }

  /** The server has everything before `position`; what it has beyond our end, we need not send. @param {number} position */
  drop(position) {
    while (this.#blocks.length && this.#blocks[0].position + this.#blocks[0].samples.length <= position) this.#blocks.shift();
    const block = this.#blocks[0];
    if (block && block.position < position) {
      this.#blocks[0] = { position, samples: block.samples.subarray(position - block.position) };
    }
    this.#first = Math.max(this.#first, position);
    this.#end = Math.max(this.#end, position);
  }

  /** Silence where sound is missing before ours, so that what follows can be sent. @param {number} position */
  fillFrom(position) {
    this.#first = Math.min(this.#first, position);
  }

  /** At most `most` samples from `position` on. @param {number} position @param {number} most */
  read(position, most) {
    const end = Math.min(this.#end, position + most);
    const found = new Int16Array(Math.max(0, end - position));
    for (const block of this.#blocks) {
      if (block.position >= end) break;
      const from = Math.max(position, block.position);
      const to = Math.min(end, block.position + block.samples.length);
      if (from < to) found.set(block.samples.subarray(from - block.position, to - block.position), from - position);
    }
    return found;
  }
}

/** @typedef {{id: string, owner: string, title: string, begun: number}} KeptRecording */

/** The same sound in the browser's database. Where a browser refuses one, recording goes on without. */
export class KeptSound {
  /** @param {IDBDatabase | null} database */
  constructor(database) {
    this.database = database;
  }

  /** Whether sound outlives the page. */
  get isOn() {
    return Boolean(this.database);
  }

  static async open() {
    try {
      const request = indexedDB.open("scripta-live", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("recordings", { keyPath: "id" });
        request.result.createObjectStore("sound", { keyPath: ["id", "position"] });
      };
      return new KeptSound(await answer(request));
    } catch {
      return new KeptSound(null); // private windows of some browsers
    }
  }

  /** @param {KeptRecording} recording */
  begin(recording) {
    return this.#write((stores) => stores("recordings").put(recording));
  }

  /** @param {string} id @param {number} position @param {Int16Array} samples */
  add(id, position, samples) {
    return this.#write((stores) => stores("sound").put({ id, position, samples: samples.slice().buffer }));
  }

  /** Forget what ends before `position`. @param {string} id @param {number} position */
  async drop(id, position) {
    // An entry that ends later may begin at most its own length before.
    const before = position - ENTRY;
    if (before > 0) await this.#write((stores) => stores("sound").delete(IDBKeyRange.bound([id, 0], [id, before], false, true)));
  }

  /** @param {string} id */
  forget(id) {
    return this.#write((stores) => {
      stores("recordings").delete(id);
      stores("sound").delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
    });
  }

  /** @param {string} owner @returns {Promise<KeptRecording[]>} */
  async recordings(owner) {
    if (!this.database) return [];
    const all = await answer(this.database.transaction("recordings").objectStore("recordings").getAll());
    return all.filter((/** @type {KeptRecording} */ kept) => kept.owner === owner);
  }

  /** All that is kept of a recording. @param {string} id @returns {Promise<UnsavedSound>} */
  async load(id) {
    if (!this.database) return new UnsavedSound();
    const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
    const entries = await answer(this.database.transaction("sound").objectStore("sound").getAll(range));
    const sound = new UnsavedSound(entries[0]?.position);
    for (const { position, samples } of entries) {
      sound.skipTo(position);
      sound.add(new Int16Array(samples).subarray(sound.end - position)); // two tabs may have kept the same
    }
    return sound;
  }

  /** Keep sound that has no place in its recording any more, to be downloaded. @param {KeptRecording} recording @param {Int16Array} samples */
  async setAside(recording, samples) {
    const id = `${recording.id} ${recording.begun}`;
    await this.begin({ ...recording, id });
    await this.add(id, 0, samples);
  }

  /** @param {(stores: (name: string) => IDBObjectStore) => void} work */
  async #write(work) {
    if (!this.database) return;
    try {
      const transaction = this.database.transaction(["recordings", "sound"], "readwrite", { durability: "relaxed" });
      work((name) => transaction.objectStore(name));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = reject;
      });
    } catch {
      this.database = null; // the disk is full, or the site's data were deleted: what is in memory is still sent
    }
  }
}

/** Collects samples into entries for the database. */
export class Keeper {
  /** @type {Int16Array[]} */ #waiting = [];
  #position = 0;
  #count = 0;

  /** @param {KeptSound} kept @param {string} id */
  constructor(kept, id) {
    this.kept = kept;
    this.id = id;
  }

  /** @param {number} position of the first of them @param {Int16Array} samples */
  add(position, samples) {
    if (position !== this.#position + this.#count) {
      this.flush();
      this.#position = position;
    }
    this.#waiting.push(samples);
    this.#count += samples.length;
    if (this.#count >= ENTRY) this.flush();
  }

  flush() {
    if (!this.#count) return;
    const entry = new Int16Array(this.#count);
    let at = 0;
    for (const samples of this.#waiting) {
      entry.set(samples, at);
      at += samples.length;
    }
    this.kept.add(this.id, this.#position, entry);
    this.#position += this.#count;
    this.#waiting = [];
    this.#count = 0;
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    if ("onblocked" in request) /** @type {IDBOpenDBRequest} */ (request).onblocked = () => reject(new Error("blocked"));
  });
}
