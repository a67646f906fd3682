import { describe, expect, it } from 'vitest';
import type { Signal } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { virtualClock } from '../../platform/testing/virtual-clock.ts';
import { acknowledge, receive } from './queue.ts';
import { subscribe } from './subscribe.ts';
import { type Bench, openBench } from './testing/bench.ts';
import { decode, verify } from './webhook.ts';

const START = Date.UTC(2026, 2, 2, 8);

async function open(more: object = {}) {
  const bench = openBench(virtualClock(START), more);
  bench.sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { W1: 1000, 'ss-1': 5, 'ss-2': 1000, AMAZON_NA: 9 } }]);
  bench.configure((await bench.run(subscribe(bench.client, bench.config()))).config!);
  return bench;
}
const buy = (bench: Bench, quantity = 1, location: string | null = null) => {
  const bought = bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity }], location });
  if (!bought.ok) throw new Error(bought.why);
  return bought.order;
};
const next = (bench: Bench) => bench.run(receive(bench.client, bench.config()));
/** Receives, verifies, decodes and acknowledges until the queue is empty. */
async function drain(bench: Bench): Promise<Signal[]> {
  const signals: Signal[] = [];
  for (let messages = await next(bench); messages.length > 0; messages = await next(bench)) {
    for (const { delivery } of messages) {
      const verdict = verify(delivery, bench.config());
      if (verdict.verdict !== 'ok') throw new Error(`refused: ${JSON.stringify(verdict)}`);
      signals.push(...decode(delivery, verdict.topic, bench.config()));
    }
    await bench.run(
      acknowledge(
        bench.client,
        bench.config(),
        messages.map((message) => message.handle),
      ),
    );
  }
  return signals;
}

describe('the queue', () => {
  it('tells a sale within seconds, signed for AWS and never with Amazon’s token', async () => {
    const bench = await open();
    const waiting = next(bench);
    const order = buy(bench, 2);
    const messages = await waiting;
    expect(messages).toHaveLength(1);
    const [signal] = decode(messages[0]!.delivery, 'ORDER_CHANGE', bench.config());
    expect(signal).toMatchObject({
      kind: 'document',
      doc: { doc: `order:${order}`, lines: [{ parts: [{ committed: 2 }] }] },
    });
    expect(bench.clock.now() - START).toBeLessThan(7_000);
    const { request } = bench.exchanges.at(-1)!;
    expect(request.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA/);
    expect(request.headers['x-amz-access-token']).toBeUndefined();
  });

  it('waits and comes back with nothing when nothing happens', async () => {
    const bench = await open();
    expect(await next(bench)).toEqual([]);
    expect(bench.clock.now() - START).toBe(5_000);
  });

  it('offers again what was not deleted, and no more once it is', async () => {
    const bench = await open();
    buy(bench);
    await bench.clock.advance(10_000);
    const first = await next(bench);
    expect(first.length).toBeGreaterThan(0);
    expect(await next(bench)).toEqual([]);
    await bench.clock.advance(60_000);
    const again = await next(bench);
    expect(again.map(({ delivery }) => String(delivery.body)).sort()).toEqual(
      first.map(({ delivery }) => String(delivery.body)).sort(),
    );
    // The older handle is as good as the newer one.
    await bench.run(
      acknowledge(
        bench.client,
        bench.config(),
        first.map((message) => message.handle),
      ),
    );
    await bench.clock.advance(120_000);
    expect(await next(bench)).toEqual([]);
    expect(bench.sandbox.quiet()).toBe(true);
  });

  it('deletes any number, ten at a time', async () => {
    const bench = await open();
    for (let each = 0; each < 12; each++) buy(bench);
    await bench.clock.advance(10_000);
    const messages = [...(await next(bench)), ...(await next(bench)), ...(await next(bench))];
    expect(messages).toHaveLength(24);
    await bench.run(
      acknowledge(
        bench.client,
        bench.config(),
        messages.map((message) => message.handle),
      ),
    );
    expect(bench.exchanges.filter(({ request }) => request.headers['x-amz-target']?.includes('Delete'))).toHaveLength(
      3,
    );
    expect(bench.sandbox.quiet()).toBe(true);
  });

  it('one message that cannot be deleted is harmless, none deleted is told', async () => {
    const bench = await open();
    buy(bench);
    await bench.clock.advance(10_000);
    const [message] = await next(bench);
    await bench.run(acknowledge(bench.client, bench.config(), [message!.handle, 'nonsense']));
    await expect(bench.run(acknowledge(bench.client, bench.config(), ['nonsense']))).rejects.toMatchObject({
      failure: 'transient',
      platformCode: 'ReceiptHandleIsInvalid',
    });
  });

  it('takes nothing out while nothing could vouch for it', async () => {
    const bench = await open();
    buy(bench);
    await bench.clock.advance(10_000);
    bench.configure({ applicationId: undefined, subscriptions: {} });
    const calls = bench.exchanges.length;
    expect(await next(bench)).toEqual([]);
    expect(bench.exchanges).toHaveLength(calls);
  });

  it('a wrong AWS key is no reason to stop the account', async () => {
    const bench = await open();
    bench.configure({ awsSecretAccessKey: 'wrong' });
    await expect(next(bench)).rejects.toMatchObject({ failure: 'rejected', code: 'queue-denied' });
  });

  it('odd answers of SQS hold no message', async () => {
    const bench = await open();
    bench.line = () => Promise.resolve(jsonResponse(200, { Messages: [{ Body: 7 }, null, { ReceiptHandle: 'h' }] }));
    expect(await next(bench)).toEqual([]);
  });
});

describe('what the stand-in puts into it', () => {
  it('each state of an order, by any way', async () => {
    const bench = await open();
    const order = buy(bench, 3);
    bench.sandbox.shopper.fulfil(order, [{ sku: 'MUG', quantity: 1 }]);
    await bench.clock.advance(20_000);
    const states = (await drain(bench)).map((signal) => (signal.kind === 'document' ? signal.doc.state : signal.kind));
    expect(states).toHaveLength(3);
    expect(new Set(states).size).toBeGreaterThanOrEqual(2);
  });

  it('the last state is what the order’s lines ask', async () => {
    const bench = await open();
    const order = buy(bench, 3);
    await bench.clock.advance(20_000);
    await drain(bench);
    bench.sandbox.shopper.cancel(order);
    await bench.clock.advance(20_000);
    const [signal] = await drain(bench);
    if (signal?.kind === 'document')
      expect(signal.doc).toMatchObject({ state: 'Canceled', lines: [{ parts: [{ committed: 0, out: 0, taken: 0 }] }] });
    else expect(signal).toMatchObject({ kind: 'document-changed', doc: `order:${order}` });
  });

  it('money paid back is no news; a number typed by hand is', async () => {
    const bench = await open();
    const order = buy(bench, 2);
    bench.sandbox.shopper.fulfil(order);
    await bench.clock.advance(20_000);
    await drain(bench);
    expect(bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, true)).toBe(false);
    expect(bench.sandbox.shopper.refund(order, { sku: 'MUG', quantity: 1 }, false)).toBe(true);
    bench.sandbox.shopper.edit('MUG', 'W1', 7);
    await bench.clock.advance(20_000);
    expect(await drain(bench)).toMatchObject([
      { kind: 'level', level: { stockKey: 'MUG', location: 'DEFAULT', available: 7 } },
    ]);
  });

  it('supply sources by name, one item per place', async () => {
    const bench = await open({
      multiLocation: true,
      locations: [
        { id: 'ss-1', name: 'A' },
        { id: 'ss-2', name: 'B' },
      ],
    });
    buy(bench, 1002);
    await bench.clock.advance(20_000);
    const docs = (await drain(bench)).flatMap((signal) => (signal.kind === 'document' ? [signal.doc] : []));
    expect(docs[0]!.lines.map((line) => line.parts[0]).sort((a, b) => a!.committed - b!.committed)).toMatchObject([
      { location: 'ss-1', committed: 5 },
      { location: 'ss-2', committed: 997 },
    ]);
    expect(new Set(docs[0]!.lines.map((line) => line.line)).size).toBe(2);
  });

  it('orders that Amazon ships, at Amazon’s place', async () => {
    const bench = await open({
      fbaLocation: 'AMAZON_NA',
      locations: [
        { id: 'W1', name: 'A' },
        { id: 'AMAZON_NA', name: 'F' },
      ],
    });
    buy(bench, 2, 'AMAZON_NA');
    await bench.clock.advance(20_000);
    expect((await drain(bench))[0]).toMatchObject({
      kind: 'document',
      doc: { lines: [{ parts: [{ location: 'AMAZON_NA', committed: 2 }] }] },
    });
    expect(bench.sandbox.book()).toContainEqual({ sku: 'MUG', location: 'AMAZON_NA', committed: 2, out: 0 });
  });

  it('loses, doubles and delays as it is told to, and stops when told', async () => {
    const count = async (queueFaults: object) => {
      const bench = await open({ queueFaults });
      for (let each = 0; each < 40; each++) buy(bench);
      await bench.clock.advance(90_000);
      const soon = (await drain(bench)).length;
      await bench.clock.advance(3_600_000);
      return { soon, all: soon + (await drain(bench)).length };
    };
    expect(await count({})).toEqual({ soon: 80, all: 80 });
    expect(await count({ lost: 1 })).toEqual({ soon: 0, all: 0 });
    expect((await count({ doubled: 0.5 })).all).toBeGreaterThan(90);
    const late = await count({ late: 1 });
    expect(late.all).toBe(80);
    expect(late.soon).toBeLessThan(10);
    const faults = { lost: 1 };
    const bench = await open({ queueFaults: faults });
    buy(bench);
    faults.lost = 0;
    buy(bench);
    await bench.clock.advance(20_000);
    expect(await drain(bench)).toHaveLength(2);
  });

  it('is not quiet before all is heard', async () => {
    const bench = await open();
    expect(bench.sandbox.quiet()).toBe(true);
    buy(bench);
    expect(bench.sandbox.quiet()).toBe(false);
    await bench.clock.advance(20_000);
    expect(bench.sandbox.quiet()).toBe(false);
    await drain(bench);
    expect(bench.sandbox.quiet()).toBe(true);
  });

  it('the same seed goes the same way', async () => {
    const told = async () => {
      const bench = await open({ queueFaults: { lost: 0.1, doubled: 0.1, late: 0.1 } });
      for (let each = 0; each < 20; each++) buy(bench, (each % 3) + 1);
      await bench.clock.advance(3_600_000);
      return drain(bench);
    };
    expect(await told()).toEqual(await told());
  });

  it('sells to the last one, and not one more', async () => {
    const bench = await open();
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1001 }], location: null }).ok).toBe(false);
    buy(bench, 1000);
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: null }).ok).toBe(false);
    expect(bench.sandbox.shopper.buy({ lines: [{ sku: 'MUG', quantity: 1 }], location: 'W1' })).toMatchObject({
      ok: false,
      why: expect.stringContaining('tills'),
    });
    expect(bench.sandbox.oversold()).toBe(0);
  });
});
