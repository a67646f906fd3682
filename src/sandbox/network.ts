import { type HttpRequest, type HttpResponse, jsonResponse, TransportError } from '../platform/http.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

/** Chances (0–1) of each mishap. What is left out never happens. */
export interface Faults {
  /** A webhook gets lost on the way although the vendor was answered 200: only polling can find out. */
  hookLost?: number;
  /** Arrives twice, the second time a moment later. */
  hookDoubled?: number;
  /** Arrives, but only after `hookLateMs`. */
  hookLate?: number;
  /** The vendor's time, [least, most]. Default one second to two minutes. */
  hookLateMs?: [number, number];
  /** Waits until the next webhook has overtaken it (or a second has passed). */
  hookReordered?: number;
  /** Arrives, but the vendor never hears the answer, and does what it does then: repeats it, or counts a failure. */
  hookAnswerLost?: number;
  /** A call is answered as the platform does when it is too busy, or down. */
  callThrottled?: number;
  callUnavailable?: number;
  /** The line breaks: never connected · after sending but before the platform acted · after it acted. */
  callRefused?: number;
  callCutBefore?: number;
  callCutAfter?: number;
}

export interface NetworkCounts {
  hooks: number;
  hooksLost: number;
  hooksDoubled: number;
  hooksLate: number;
  hooksReordered: number;
  hookAnswersLost: number;
  calls: number;
  callsThrottled: number;
  callsUnavailable: number;
  callsRefused: number;
  callsCutBefore: number;
  callsCutAfter: number;
}

const noCounts = (): NetworkCounts => ({
  hooks: 0,
  hooksLost: 0,
  hooksDoubled: 0,
  hooksLate: 0,
  hooksReordered: 0,
  hookAnswersLost: 0,
  calls: 0,
  callsThrottled: 0,
  callsUnavailable: 0,
  callsRefused: 0,
  callsCutBefore: 0,
  callsCutAfter: 0,
});

export interface NetworkOptions {
  clock: Clock;
  random: Random;
  /** Divides every delay. */
  factor: number;
  faults: Faults;
  /** How long a call is on its way there and back together, real time, [least, most]; also while faults are off. */
  latencyMs?: [number, number];
}

/**
 * The line between one sandbox and the engine, and everything that goes wrong on it, from one seed. Faults are off until
 * {@link Network.faultsOn} (set-up is not what is being tried) and stop at once with {@link Network.faultsOff}; webhooks
 * already on a detour still arrive.
 */
export class Network {
  readonly counts = noCounts();
  readonly #options: NetworkOptions;
  readonly #cancels = new Set<() => void>();
  #on = false;
  #cut = false;
  #overtaken: (() => void) | undefined;
  #underWay = 0;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  faultsOn(): void {
    this.#on = true;
  }

  faultsOff(): void {
    this.#on = false;
  }

  /** Every webhook of this sandbox disappears, the vendor being told 200, until it is switched back. */
  cutHooks(cut: boolean): void {
    this.#cut = cut;
  }

  /** No webhook on its way. */
  quiet(): boolean {
    return this.#cancels.size === 0 && this.#underWay === 0;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  /** What a sandbox gets as `deliver`. `receive` is the engine's entrance, or whatever stands in its place now. */
  async hook(request: HttpRequest, receive: (hook: HttpRequest) => Promise<HttpResponse>): Promise<HttpResponse> {
    const { counts } = this;
    const { faults, random } = this.#options;
    counts.hooks += 1;
    const arrive = async () => {
      this.#underWay += 1;
      try {
        return await receive(request);
      } finally {
        this.#underWay -= 1;
      }
    };
    if (this.#cut || this.#happens(faults.hookLost)) {
      counts.hooksLost += 1;
      return said;
    }
    if (this.#happens(faults.hookLate)) {
      counts.hooksLate += 1;
      const [least, most] = faults.hookLateMs ?? [1_000, 120_000];
      this.#detour(least + random() * (most - least), arrive);
      return said;
    }
    const held = this.#overtaken;
    this.#overtaken = undefined;
    if (!held && this.#happens(faults.hookReordered)) {
      counts.hooksReordered += 1;
      this.#overtaken = this.#detour(1_000, arrive);
      return said;
    }
    if (this.#happens(faults.hookDoubled)) {
      counts.hooksDoubled += 1;
      this.#detour(random() * 5_000, arrive);
    }
    try {
      const answer = await arrive();
      if (!this.#happens(faults.hookAnswerLost)) return answer;
      counts.hookAnswersLost += 1;
      throw new TransportError('the answer to a webhook got lost', true);
    } finally {
      held?.();
    }
  }

  /**
   * One call of ours to the platform.
   * @throws TransportError when the line breaks.
   */
  async call(
    request: HttpRequest,
    platform: {
      handle: (request: HttpRequest) => Promise<HttpResponse>;
      fault: (kind: 'throttled' | 'unavailable') => HttpResponse;
    },
  ): Promise<HttpResponse> {
    const { counts } = this;
    const { faults, latencyMs, random, clock } = this.#options;
    counts.calls += 1;
    if (this.#happens(faults.callRefused)) {
      counts.callsRefused += 1;
      throw new TransportError('connection refused', false);
    }
    const trip = () =>
      latencyMs ? clock.sleep((latencyMs[0] + random() * (latencyMs[1] - latencyMs[0])) / 2) : undefined;
    await trip();
    if (this.#happens(faults.callThrottled)) {
      counts.callsThrottled += 1;
      return platform.fault('throttled');
    }
    if (this.#happens(faults.callUnavailable)) {
      counts.callsUnavailable += 1;
      return platform.fault('unavailable');
    }
    if (this.#happens(faults.callCutBefore)) {
      counts.callsCutBefore += 1;
      throw new TransportError('the line broke', true);
    }
    const answer = await platform.handle(request);
    if (this.#happens(faults.callCutAfter)) {
      counts.callsCutAfter += 1;
      throw new TransportError('the line broke', true);
    }
    await trip();
    return answer;
  }

  /** Draws only while faults are on, so that the quiet part of a run does not move the rest. */
  #happens(chance: number | undefined): boolean {
    return this.#on && chance !== undefined && chance > 0 && this.#options.random() < chance;
  }

  /** Delivers later. What the receiver answers then no longer reaches the vendor. @returns delivers now. */
  #detour(vendorMs: number, arrive: () => Promise<unknown>): () => void {
    const go = () => {
      cancel();
      if (this.#cancels.delete(cancel)) arrive().catch(() => {});
    };
    const cancel = this.#options.clock.after(vendorMs / this.#options.factor, go);
    this.#cancels.add(cancel);
    return go;
  }
}

/** What the vendor hears for a webhook that a stranger on the way took from it. */
const said = jsonResponse(200, '');
