/** Who listens to which topic in this process. */
export class WakeBus {
  readonly #listeners = new Map<string, Set<() => void>>();

  on(topic: string, listener: () => void): () => void {
    // A wrapper of its own, so that one function may listen twice and stop once.
    const entry = () => listener();
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(entry));
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  /** Each listener in a turn of its own: one that throws stops neither the others nor whoever woke them. */
  emit(topic: string): void {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) queueMicrotask(listener);
  }

  emitAll(): void {
    for (const topic of [...this.#listeners.keys()]) this.emit(topic);
  }
}
