import { createHash } from 'node:crypto';
import { type HttpRequest, type HttpResponse, jsonResponse } from '../../src/platform/http.ts';
import { undiciTransport } from '../../src/runtime/transport.ts';

const TOGETHER = 32;
const AGAIN_MS = 100;

/** What was answered 2xx, by where it went and what it said: how often. */
export type Acknowledged = Map<string, number>;

export const deliveryKey = (path: string, sha256: string): string => `${path} ${sha256}`;

/**
 * A webhook gateway between the vendors and us, as merchants with a flaky line put one there: it tells the vendor 200 at
 * once and repeats, byte for byte, until it is answered 2xx. So the load never lets up, the moment after a restart is the
 * busiest, and what was stored but not answered when the process died comes a second time.
 */
export class Gateway {
  readonly acknowledged: Acknowledged = new Map();
  /** Attempts that ended without an answer, or with another one than 2xx. */
  failed = 0;
  private readonly waiting: HttpRequest[] = [];
  private underWay = 0;
  private closed = false;
  private readonly send = undiciTransport({ allowPrivateHosts: ['127.0.0.1'] });

  /** Given to the world as `deliverTo`. */
  take = async (hook: HttpRequest): Promise<HttpResponse> => {
    this.waiting.push(hook);
    this.go();
    return jsonResponse(200, '');
  };

  quiet(): boolean {
    return this.waiting.length === 0 && this.underWay === 0;
  }

  get count(): number {
    return [...this.acknowledged.values()].reduce((sum, times) => sum + times, 0);
  }

  close(): void {
    this.closed = true;
  }

  private go(): void {
    while (this.underWay < TOGETHER && !this.closed) {
      const hook = this.waiting.shift();
      if (!hook) return;
      this.underWay += 1;
      void this.deliver(hook).finally(() => {
        this.underWay -= 1;
        this.go();
      });
    }
  }

  private async deliver(hook: HttpRequest): Promise<void> {
    while (!this.closed) {
      const answer = await this.send({ ...hook }, { timeoutMs: 10_000 }).catch(() => null);
      if (answer && answer.status >= 200 && answer.status < 300) return this.note(hook);
      this.failed += 1;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private note(hook: HttpRequest): void {
    const sha256 = createHash('sha256')
      .update(hook.body ?? '')
      .digest('hex');
    const key = deliveryKey(new URL(hook.url).pathname, sha256);
    this.acknowledged.set(key, (this.acknowledged.get(key) ?? 0) + 1);
  }
}
