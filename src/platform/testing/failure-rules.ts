import { expect } from 'vitest';
import { seededRandom } from '../../runtime/random.ts';
import { Failure } from '../failure.ts';
import type { HttpResponse } from '../http.ts';
import { type Bench, failureOf, skuOf } from './bench.ts';
import { targetsFor, writableLevels, writes } from './pushing.ts';
import type { Rules } from './rules.ts';

/** Answers that are no good, and what they are taken for. */
export function failureRules(suite: Rules): void {
  suite.rule(
    'failures: the vendor\'s "too much" and "not available" are known for every call',
    'failures',
    'faults-classified',
    async (context) => {
      const bench = await context.open();
      const ops = await usedOperations(bench);
      for (const op of ops) {
        const throttled = context.platform.classify(bench.sandbox.fault('throttled'), op);
        expect(throttled, `${op} throttled`).toMatchObject({ failure: 'throttled' });
        const unavailable = context.platform.classify(bench.sandbox.fault('unavailable'), op);
        const expected = writes(bench, op)
          ? ['transient', 'unknown-outcome']
          : ['transient', 'throttled', 'unknown-outcome'];
        expect(unavailable, `${op} unavailable`).toBeInstanceOf(Failure);
        expect(expected, `${op} unavailable`).toContain(unavailable!.failure);
        for (const failure of [throttled!, unavailable!]) expect(failure.message.length).toBeGreaterThan(5);
      }
      context.note(`${ops.length} operations`);
    },
  );

  suite.rule(
    'failures: a write that ends in a bare 500 or 504 is in doubt',
    'failures',
    'broken-write',
    async (context) => {
      if (context.platform.facts.push.mode === 'none') context.absent('nothing is written there');
      const bench = await context.open();
      const [level] = await writableLevels(bench);
      for (const status of [500, 502, 504]) {
        const targets = await targetsFor(bench, [{ level: level!, want: level!.available - 1 }]);
        bench.line = (op) => (writes(bench, op) ? Promise.resolve(html(status)) : undefined);
        const answered = bench.run((client, config) => context.platform.pushLevels(client, config, targets));
        const failure = await answered.then(
          ([outcome]) => (outcome?.result === 'failed' ? outcome.failure : undefined),
          (error: unknown) => error as Failure,
        );
        expect(failure, `HTTP ${status}`).toMatchObject({ failure: 'unknown-outcome' });
        bench.line = undefined;
      }
    },
  );

  suite.rule(
    'failures: classify and readBudget never throw, whatever answers',
    'failures',
    'classify-total',
    async (context) => {
      const bench = await context.open({ items: 1 });
      const random = seededRandom(9);
      const real = await realAnswers(bench);
      const bodies = [
        '',
        'null',
        '[]',
        '{}',
        '"x"',
        '{"errors":null}',
        '{"errors":[null]}',
        '{"error":{}}',
        '{"data":[]}',
        '<html>',
        '\u0000',
        '{"a":'.repeat(300),
        '1e999',
      ];
      for (const op of Object.keys(context.platform.facts.operations))
        for (let round = 0; round < 60; round++) {
          const base = real[Math.floor(random() * real.length)]!;
          const body =
            random() < 0.5
              ? Buffer.from(bodies[Math.floor(random() * bodies.length)]!)
              : base.body.subarray(0, Math.floor(random() * base.body.length));
          const status = [200, 201, 204, 207, 301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 599][
            Math.floor(random() * 16)
          ]!;
          const headers =
            random() < 0.3
              ? {
                  'retry-after': ['', '-1', 'tomorrow', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT'][
                    Math.floor(random() * 5)
                  ]!,
                }
              : base.headers;
          const failure = context.platform.classify({ status, headers, body }, op);
          if (failure) expect(failure).toBeInstanceOf(Failure);
          if (failure?.retryAfterMs !== undefined) expect(failure.retryAfterMs).toBeGreaterThanOrEqual(0);
          if (status >= 500)
            expect(failure === undefined || failure.failure !== 'gone', 'a broken server proves nothing gone').toBe(
              true,
            );
          for (const report of Object.values(context.platform.readBudget?.({ status, headers, body }, op) ?? {}))
            for (const value of Object.values(report)) expect(value === undefined || Number.isFinite(value)).toBe(true);
        }
    },
  );

  suite.rule('failures: an order that does not exist is gone, not an error', 'failures', 'gone', async (context) => {
    const bench = await context.open({ items: 2 });
    const bought = bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
    await bench.settle();
    await bench.pollUntilComplete();
    const [known] = bench.listener.docs.keys();
    if (!bought.ok || !known) return context.absent('nothing can be bought');
    const unknown = known.replace(/\d(?=\d*$)/g, (digit) => String((Number(digit) + 3) % 10));
    let gone: unknown;
    const failure = await failureOf(
      bench.run(async (client, config) => {
        gone = await context.platform.fetchDocument(client, config, unknown);
      }),
    );
    expect(failure?.failure ?? gone, unknown).toBe('gone');
  });

  suite.rule('failures: reads get through an unsteady line', 'failures', 'read-in-spite', async (context) => {
    const bench = await context.open({ items: 3 });
    let calls = 0;
    bench.line = () => (calls++ % 2 === 0 ? Promise.resolve(bench.sandbox.fault('unavailable')) : undefined);
    const { items } = await bench.allLevels();
    expect(items.length).toBeGreaterThanOrEqual(3);
    await bench.poll();
    bench.line = undefined;
  });

  suite.rule('failures: access taken away is told as such', 'failures', 'access-lost', async (context) => {
    if (!context.cases.loseAccess) return context.absent('the stand-in cannot take it away');
    const bench = await context.open();
    context.cases.loseAccess(bench);
    await bench.clock.advance(60_000);
    const failure = await failureOf(bench.run((client, config) => context.platform.listLevels(client, config, null)));
    const signalled = bench.listener.signals.some(({ kind }) => kind === 'access-lost');
    expect(failure?.failure === 'auth' || signalled, 'neither a refused call nor a signal').toBe(true);
    if (failure) expect(failure.failure).toBe('auth');
    context.note(signalled ? 'by signal and refusal' : 'by refusal');
  });
}

/** Operations that the ordinary work calls, without those of renewing alone. */
async function usedOperations(bench: Bench): Promise<string[]> {
  const { platform } = bench;
  const ops = new Set<string>();
  bench.line = (op) => {
    ops.add(op);
    return undefined;
  };
  bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
  await bench.settle();
  await bench.pollUntilComplete();
  for (const doc of bench.listener.docs.keys()) bench.listener.toFetch.add(doc);
  await bench.run(() => bench.listener.fetchAll());
  await bench.run((client, config) => platform.listLocations(client, config));
  const levels = platform.facts.push.mode === 'none' ? [] : await writableLevels(bench);
  if (levels.length > 0) {
    const targets = await targetsFor(bench, [{ level: levels[0]!, want: 3 }]);
    await bench.run((client, config) => platform.pushLevels(client, config, targets));
  }
  bench.line = undefined;
  return [...ops].filter(Boolean);
}

async function realAnswers(bench: Bench): Promise<HttpResponse[]> {
  const answers: HttpResponse[] = [bench.sandbox.fault('throttled'), bench.sandbox.fault('unavailable')];
  bench.line = (_, carry) =>
    carry().then((answer) => {
      answers.push(answer);
      return answer;
    });
  await bench.allListings();
  await bench.allLevels();
  await bench.poll();
  bench.line = undefined;
  return answers;
}

const html = (status: number): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body>gateway</body></html>'),
});
