/**
 * Things in the order of their last change, each standing there once: what a vendor's `updated_at` filter walks.
 * A changed thing moves to the end, so a page by time never shows it twice in the same place. Every operation costs
 * O(log n): a Fenwick tree over the slots counts the living ones, so page numbers and totals need no walk either.
 */
export class ChangeLog<T extends object> {
  #slots: (T | undefined)[] = [];
  #times: number[] = [];
  #tree: number[] = [0];
  readonly #slotOf = new Map<T, number>();

  get size(): number {
    return this.#slotOf.size;
  }

  /** @param atMs must not be lower than any time given before. */
  touch(entry: T, atMs: number): void {
    const old = this.#slotOf.get(entry);
    if (old !== undefined) this.#vacate(old);
    if (this.#slots.length > 1024 && this.size * 2 < this.#slots.length) this.#compact();
    this.#append(entry, atMs);
  }

  remove(entry: T): void {
    const old = this.#slotOf.get(entry);
    if (old === undefined) return;
    this.#vacate(old);
    this.#slotOf.delete(entry);
  }

  /**
   * @param range.sinceMs inclusive · `afterMs` exclusive (a cursor) · `untilMs` exclusive; all optional.
   * @param range.offset how many to skip, as vendors with page numbers do: it shifts while things change.
   * @returns `total` counts the whole range, not the page.
   */
  page(range: {
    sinceMs?: number;
    afterMs?: number;
    untilMs?: number;
    offset?: number;
    limit: number;
    newestFirst?: boolean;
  }): { items: T[]; total: number } {
    const first = Math.max(
      range.sinceMs === undefined ? 0 : this.#firstSlotFrom(range.sinceMs, false),
      range.afterMs === undefined ? 0 : this.#firstSlotFrom(range.afterMs, true),
    );
    const end = range.untilMs === undefined ? this.#slots.length : this.#firstSlotFrom(range.untilMs, false);
    const before = this.#livingBefore(first);
    const total = Math.max(0, this.#livingBefore(end) - before);
    const items: T[] = [];
    const offset = range.offset ?? 0;
    if (offset >= total) return { items, total };
    const step = range.newestFirst ? -1 : 1;
    let slot = this.#slotOfRank(range.newestFirst ? before + total - offset : before + offset + 1);
    for (; slot >= first && slot < end && items.length < range.limit; slot += step) {
      const entry = this.#slots[slot];
      if (entry) items.push(entry);
    }
    return { items, total };
  }

  #vacate(slot: number): void {
    this.#slots[slot] = undefined;
    for (let node = slot + 1; node < this.#tree.length; node += node & -node) this.#tree[node]! -= 1;
  }

  #append(entry: T, atMs: number): void {
    this.#slotOf.set(entry, this.#slots.length);
    this.#slots.push(entry);
    this.#times.push(atMs);
    const node = this.#slots.length;
    let sum = 1;
    for (let back = 1; back < (node & -node); back <<= 1) sum += this.#tree[node - back]!;
    this.#tree.push(sum);
  }

  #compact(): void {
    const slots = this.#slots;
    const times = this.#times;
    this.#slots = [];
    this.#times = [];
    this.#tree = [0];
    for (let slot = 0; slot < slots.length; slot++) {
      const entry = slots[slot];
      if (entry) this.#append(entry, times[slot]!);
    }
  }

  /** The first slot whose time is ≥ `atMs` (or > with `after`). */
  #firstSlotFrom(atMs: number, after: boolean): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const time = this.#times[middle]!;
      if (time < atMs || (after && time === atMs)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #livingBefore(slot: number): number {
    let sum = 0;
    for (let node = slot; node > 0; node -= node & -node) sum += this.#tree[node]!;
    return sum;
  }

  /** The slot of the `rank`-th living entry, 1-based. */
  #slotOfRank(rank: number): number {
    let node = 0;
    let left = rank;
    for (let step = 2 ** Math.floor(Math.log2(this.#tree.length)); step >= 1; step /= 2) {
      if (node + step < this.#tree.length && this.#tree[node + step]! < left) {
        node += step;
        left -= this.#tree[node]!;
      }
    }
    return node;
  }
}
