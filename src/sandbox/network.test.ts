import { beforeEach, describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, jsonResponse, TransportError } from '../platform/http.ts';
import { type VirtualClock, virtualClock } from '../platform/testing/virtual-clock.ts';
import { seededRandom } from '../runtime/random.ts';
import { type Faults, Network } from './network.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock(0);
});

const rig = (faults: Faults, factor = 1, latencyMs?: [number, number]) => {
  const network = new Network({ clock, random: seededRandom(5), factor, faults, latencyMs });
  const arrived: { body: string; atMs: number }[] = [];
  let status = 200;
  const send = (body: string) =>
    network.hook({ method: 'POST', url: 'https://here/hook', headers: {}, body }, async (hook: HttpRequest) => {
      arrived.push({ body: bodyText(hook), atMs: clock.now() });
      return jsonResponse(status, 'received');
    });
  const platform = {
    acted: 0,
    handle: async () => {
      platform.acted += 1;
      return jsonResponse(200, 'done');
    },
    fault: (kind: string) => jsonResponse(kind === 'throttled' ? 429 : 503, kind),
  };
  const call = () => network.call({ method: 'GET', url: 'https://api/x', headers: {} }, platform);
  return { network, arrived, send, platform, call, answerWith: (code: number) => (status = code) };
};

describe('Network: webhooks', () => {
  it('is a straight line until faults are on, and again after they stop', async () => {
    const everything: Faults = { hookLost: 1, callUnavailable: 1 };
    const { network, arrived, send, call } = rig(everything);
    expect((await send('a')).status).toBe(200);
    expect((await call()).status).toBe(200);
    network.faultsOn();
    await send('b');
    expect((await call()).status).toBe(503);
    network.faultsOff();
    await send('c');
    expect((await call()).status).toBe(200);
    expect(arrived.map(({ body }) => body)).toEqual(['a', 'c']);
  });

  it("hands the receiver's own answer back, good or bad", async () => {
    const { send, answerWith } = rig({});
    answerWith(401);
    expect((await send('a')).status).toBe(401);
  });

  it('lost: the vendor hears 200, nothing arrives, ever', async () => {
    const { network, arrived, send } = rig({ hookLost: 1 });
    network.faultsOn();
    expect((await send('a')).status).toBe(200);
    await clock.advance(3_600_000);
    expect(arrived).toEqual([]);
    expect(network.counts).toMatchObject({ hooks: 1, hooksLost: 1 });
    expect(network.quiet()).toBe(true);
  });

  it('late: the vendor hears 200 at once, it arrives within the bounds divided by the factor', async () => {
    const { network, arrived, send } = rig({ hookLate: 1, hookLateMs: [10_000, 20_000] }, 10);
    network.faultsOn();
    for (let n = 0; n < 50; n++) expect((await send(String(n))).status).toBe(200);
    expect(network.quiet()).toBe(false);
    network.faultsOff();
    await clock.advance(2_000);
    expect(arrived).toHaveLength(50);
    for (const { atMs } of arrived) expect(atMs).toBeGreaterThanOrEqual(1_000);
    expect(arrived.map(({ body }) => body)).not.toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    expect(network.quiet()).toBe(true);
  });

  it('doubled: arrives now and once more', async () => {
    const { network, arrived, send } = rig({ hookDoubled: 1 });
    network.faultsOn();
    await send('a');
    expect(arrived).toHaveLength(1);
    await clock.advance(5_000);
    expect(arrived.map(({ body }) => body)).toEqual(['a', 'a']);
  });

  it('reordered: waits for the next one, or for a second if none comes', async () => {
    const { network, arrived, send } = rig({ hookReordered: 1 });
    network.faultsOn();
    await send('first');
    await send('second');
    await clock.advance(0);
    expect(arrived.map(({ body }) => body)).toEqual(['second', 'first']);
    await send('lonely');
    await clock.advance(1_000);
    expect(arrived.map(({ body }) => body)).toEqual(['second', 'first', 'lonely']);
    expect(network.quiet()).toBe(true);
  });

  it('answer lost: it arrives, and the vendor believes it did not', async () => {
    const { network, arrived, send } = rig({ hookAnswerLost: 1 });
    network.faultsOn();
    await expect(send('a')).rejects.toThrow(TransportError);
    expect(arrived).toHaveLength(1);
  });

  it('cut: all of one sandbox disappear until it is mended, faults on or off', async () => {
    const { network, arrived, send } = rig({});
    network.cutHooks(true);
    expect((await send('a')).status).toBe(200);
    network.cutHooks(false);
    await send('b');
    expect(arrived.map(({ body }) => body)).toEqual(['b']);
    expect(network.counts.hooksLost).toBe(1);
  });

  it('a receiver that fails later harms nobody; close drops what is on its way', async () => {
    const { network, send } = rig({ hookLate: 1 });
    network.faultsOn();
    const request: HttpRequest = { method: 'POST', url: 'https://here/hook', headers: {} };
    await network.hook(request, () => Promise.reject(new Error('the engine is down')));
    await clock.advance(200_000);
    await send('a');
    network.close();
    expect(network.quiet()).toBe(true);
  });
});

describe('Network: calls', () => {
  it.each([
    { fault: 'callRefused', acted: 0, sent: false, count: 'callsRefused' },
    { fault: 'callCutBefore', acted: 0, sent: true, count: 'callsCutBefore' },
    { fault: 'callCutAfter', acted: 1, sent: true, count: 'callsCutAfter' },
  ] as const)('$fault: the platform acted $acted times, sent $sent', async ({ fault, acted, sent, count }) => {
    const { network, platform, call } = rig({ [fault]: 1 });
    network.faultsOn();
    await expect(call()).rejects.toMatchObject({ name: 'TransportError', sent });
    expect(platform.acted).toBe(acted);
    expect(network.counts[count]).toBe(1);
  });

  it('throttled and unavailable answer in the words of the platform, which has not acted', async () => {
    for (const [fault, status] of [
      ['callThrottled', 429],
      ['callUnavailable', 503],
    ] as const) {
      const { network, platform, call } = rig({ [fault]: 1 });
      network.faultsOn();
      expect((await call()).status).toBe(status);
      expect(platform.acted).toBe(0);
    }
  });

  it('takes its time there and back, faults or not', async () => {
    const { platform, call } = rig({}, 1, [100, 200]);
    const answer = call();
    await clock.advance(40);
    expect(platform.acted).toBe(0);
    await clock.advance(160);
    expect(platform.acted).toBe(1);
    expect((await answer).status).toBe(200);
  });

  it('mishaps come as often as asked, and the same seed gives the same run', async () => {
    const once = async () => {
      const { network, call } = rig({ callThrottled: 0.1, callCutAfter: 0.05 });
      network.faultsOn();
      const story: string[] = [];
      for (let n = 0; n < 2_000; n++)
        story.push(
          await call().then(
            (answer) => String(answer.status),
            (error: Error) => error.message,
          ),
        );
      return { story, counts: network.counts };
    };
    const [first, second] = [await once(), await once()];
    expect(first.story).toEqual(second.story);
    expect(first.counts.callsThrottled).toBeGreaterThan(150);
    expect(first.counts.callsThrottled).toBeLessThan(250);
    expect(first.counts.callsCutAfter).toBeGreaterThan(60);
    expect(first.counts.callsCutAfter).toBeLessThan(130);
    expect(first.counts.calls).toBe(2_000);
  });
});
