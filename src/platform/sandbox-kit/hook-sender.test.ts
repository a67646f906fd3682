import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../runtime/random.ts';
import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../http.ts';
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts';
import { type HookPlan, HookSender } from './hook-sender.ts';

const once: HookPlan = { delayMs: () => 1000, retriesMs: [], bodyFrom: 'event', coalesce: false, offAfter: null };
const ok: HttpResponse = jsonResponse(200, '');
const busy: HttpResponse = jsonResponse(503, '');

let clock: VirtualClock;
let sender: HookSender | undefined;
beforeEach(() => {
  clock = virtualClock(0);
});
afterEach(() => sender?.close());

/** A sender whose receiver answers by `receive`, and what arrived when. */
function rig(
  plan: Partial<HookPlan>,
  receive: (request: HttpRequest, nth: number) => Promise<HttpResponse> | HttpResponse = () => ok,
  factor = 1,
) {
  const arrived: { atMs: number; body: string; headers: Record<string, string> }[] = [];
  const off: string[] = [];
  sender = new HookSender({
    clock,
    random: seededRandom(1),
    factor,
    plan: { ...once, ...plan },
    deliver: async (request) => {
      arrived.push({ atMs: clock.now(), body: bodyText(request), headers: request.headers });
      return receive(request, arrived.length);
    },
    onOff: (subscription) => off.push(subscription),
  });
  return { sender, arrived, off };
}

/** The state a hook would tell, and a hook telling it. */
function changing(key = 'order:1', subscription = 'hook-1') {
  const state = { value: 0, built: 0 };
  const hook = {
    subscription,
    key,
    build: (): HttpRequest => {
      state.built += 1;
      return {
        method: 'POST',
        url: 'http://here/hook',
        headers: { signed: String(state.value) },
        body: String(state.value),
      };
    },
  };
  return { state, hook };
}

describe('HookSender', () => {
  it('sends after the delay, divided by the factor, and is quiet only then', async () => {
    const { sender, arrived } = rig({}, undefined, 10);
    expect(sender.quiet()).toBe(true);
    sender.send(changing().hook);
    expect(sender.quiet()).toBe(false);
    await clock.advance(99);
    expect(arrived).toHaveLength(0);
    await clock.advance(1);
    expect(arrived.map((each) => each.atMs)).toEqual([100]);
    expect(sender.quiet()).toBe(true);
  });

  it.each([
    { bodyFrom: 'event' as const, bodies: ['0', '0', '0'], built: 1 },
    { bodyFrom: 'delivery' as const, bodies: ['1', '1', '1'], built: 1 },
    { bodyFrom: 'attempt' as const, bodies: ['1', '2', '3'], built: 3 },
  ])('makes the body from the $bodyFrom', async ({ bodyFrom, bodies, built }) => {
    const { state, hook } = changing();
    const { sender, arrived } = rig({ bodyFrom, retriesMs: [5000, 5000] }, () => {
      state.value += 1;
      return busy;
    });
    sender.send(hook);
    state.value = 1;
    await clock.advance(60_000);
    expect(arrived.map((each) => each.body)).toEqual(bodies);
    expect(state.built).toBe(built);
    expect(arrived.map((each) => each.atMs)).toEqual([1000, 6000, 11_000]);
    expect(sender.counts).toMatchObject({ failed: 3, givenUp: 1, sent: 0 });
    expect(sender.quiet()).toBe(true);
  });

  it('says in headers which attempt it is and why, without touching what was signed', async () => {
    const { sender, arrived } = rig({ retriesMs: [1000, 1000], timeoutMs: 500 }, (_request, nth) => {
      if (nth === 1) return busy;
      if (nth === 2) return new Promise(() => {});
      return ok;
    });
    sender.send({
      ...changing().hook,
      attemptHeaders: ({ attempt, lastFailure, firstAtMs }) =>
        attempt === 0
          ? ({} as Record<string, string>)
          : { retry: String(attempt), why: String(lastFailure), first: String(firstAtMs) },
    });
    await clock.advance(10_000);
    expect(arrived.map((each) => each.headers)).toEqual([
      { signed: '0' },
      { signed: '0', retry: '1', why: 'http_error', first: '1000' },
      { signed: '0', retry: '2', why: 'http_timeout', first: '1000' },
    ]);
  });

  it('coalesces what waits, and an event during the delivery gets a job of its own', async () => {
    const { state, hook } = changing();
    let answer = (_: HttpResponse) => {};
    const { sender, arrived } = rig(
      { coalesce: true, bodyFrom: 'delivery' },
      () => new Promise((resolve) => (answer = resolve)),
    );
    sender.send(hook);
    sender.send(hook);
    sender.send({ ...hook, key: 'order:2' });
    sender.send({ ...hook, subscription: 'hook-2' });
    expect(sender.counts.coalesced).toBe(1);
    state.value = 7;
    await clock.advance(1000);
    expect(arrived.map((each) => each.body)).toEqual(['7', '7', '7']);
    sender.send(hook);
    answer(ok);
    await clock.advance(1000);
    expect(arrived).toHaveLength(4);
  });

  it('switches off after failures in a row, drops what waits, and comes back only when told', async () => {
    let healthy = false;
    const { sender, arrived, off } = rig({ offAfter: 5 }, () => (healthy ? ok : busy));
    const send = async (times: number) => {
      for (let n = 0; n < times; n++) {
        sender.send(changing(`order:${n}`).hook);
        await clock.advance(1000);
      }
    };
    await send(4);
    healthy = true;
    await send(1);
    expect(sender.failuresInRow('hook-1')).toBe(0);
    healthy = false;
    await send(4);
    expect(off).toEqual([]);
    sender.send(changing('waiting').hook);
    sender.send(changing('waiting too').hook);
    await clock.advance(1000);
    expect(off).toEqual(['hook-1']);
    expect(sender.isOff('hook-1')).toBe(true);
    const before = arrived.length;
    healthy = true;
    await send(3);
    expect(arrived).toHaveLength(before);
    expect(sender.counts.dropped).toBeGreaterThanOrEqual(3);
    sender.send(changing('other', 'hook-2').hook);
    sender.switchOn('hook-1');
    await send(1);
    expect(arrived).toHaveLength(before + 2);
  });

  it('counts deliveries, not attempts, where the vendor does', async () => {
    const { sender, off } = rig({ retriesMs: [10, 10], offAfter: 2, offCounts: 'deliveries' }, () => busy);
    sender.send(changing().hook);
    await clock.advance(5000);
    expect(sender.failuresInRow('hook-1')).toBe(1);
    sender.send(changing().hook);
    await clock.advance(5000);
    expect(off).toEqual(['hook-1']);
  });

  it('a receiver that throws is a failure like any other; a null body sends nothing', async () => {
    const { sender, arrived } = rig({ retriesMs: [1000] }, (_request, nth) => {
      if (nth === 1) throw new Error('connection refused');
      return ok;
    });
    sender.send(changing().hook);
    sender.send({ ...changing('gone').hook, build: () => null });
    await clock.advance(5000);
    expect(arrived).toHaveLength(2);
    expect(sender.counts).toMatchObject({ failed: 1, sent: 1 });
    expect(sender.quiet()).toBe(true);
  });

  it('keeps at most so many under way, and close ends everything', async () => {
    const open: ((response: HttpResponse) => void)[] = [];
    const { sender, arrived } = rig({ parallelMax: 3 }, () => new Promise((resolve) => open.push(resolve)));
    for (let n = 0; n < 10; n++) sender.send(changing(`order:${n}`).hook);
    await clock.advance(1000);
    expect(arrived).toHaveLength(3);
    open.shift()!(ok);
    await clock.advance(0);
    expect(arrived).toHaveLength(4);
    expect(sender.quiet()).toBe(false);
    sender.close();
    for (const answer of open) answer(busy);
    await clock.advance(100_000);
    sender.send(changing('late').hook);
    await clock.advance(100_000);
    expect(arrived).toHaveLength(4);
  });

  it('works off a long queue in order, nothing lost and nothing twice', async () => {
    const { sender, arrived } = rig({ parallelMax: 7 });
    const { hook } = changing();
    for (let n = 0; n < 5_000; n++)
      sender.send({
        ...hook,
        build: () => ({ method: 'POST', url: 'http://here/hook', headers: {}, body: String(n) }),
      });
    await clock.advance(1_000);
    expect(arrived.map(({ body }) => Number(body))).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    expect(sender.quiet()).toBe(true);
  });
});
