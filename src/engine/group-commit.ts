/**
 * What arrives while the last write runs goes into the next one: durable answers at the price of one commit per batch.
 * Every caller waits for the commit that holds its own item.
 */
export class GroupCommit<T, R = void> {
  private waiting: { item: T; done: (result: R) => void; failed: (error: unknown) => void }[] = [];
  private running = false;
  constructor(
    /** One result per item, in their order; nothing where nobody asks for results. */
    private readonly write: (items: T[]) => Promise<R[]> | Promise<void>,
    private readonly batchMax = 500,
  ) {}

  /** @throws what the write threw; an item that alone is unwritable does not fail its neighbours. */
  add(item: T): Promise<R> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) await this.flush(this.waiting.splice(0, this.batchMax));
    this.running = false;
  }

  private async flush(batch: typeof this.waiting): Promise<void> {
    try {
      const results = await this.write(batch.map((one) => one.item));
      for (const [index, one] of batch.entries()) one.done(results?.[index] as R);
    } catch (error) {
      if (batch.length === 1) return batch[0]!.failed(error);
      const half = Math.ceil(batch.length / 2);
      await this.flush(batch.slice(0, half));
      await this.flush(batch.slice(half));
    }
  }
}
