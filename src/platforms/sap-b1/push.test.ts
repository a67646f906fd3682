import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { bodyText, jsonResponse, TransportError } from '../../platform/http.ts';
import { findPush } from './find-push.ts';
import { readLevels } from './levels.ts';
import { pushLevels } from './push.ts';
import { type Bench, isPosting, MAIN, openBench, SHOP, target } from './testing/bench.ts';

const push = (bench: Bench, targets: Target[]) => bench.run((client, config) => pushLevels(client, config, targets));
const told = (outcomes: Outcome[]) =>
  Object.fromEntries(
    outcomes.map((outcome) => [
      `${outcome.cell.stockKey} ${outcome.cell.location}`,
      outcome.result === 'failed' ? `${outcome.failure.failure} ${outcome.failure.code}` : outcome.result,
    ]),
  );
const posted = (bench: Bench) =>
  bench.exchanges
    .filter(({ request }) => isPosting(request))
    .map(({ request, response }) => ({
      set: request.url.split('/').at(-1),
      status: response.status,
      body: JSON.parse(bodyText(request)),
    }));
const shown = (bench: Bench) =>
  Object.fromEntries(bench.sandbox.shown().map(({ sku, location, available }) => [`${sku} ${location}`, available]));

describe('levels as documents', () => {
  it('one goods issue, one goods receipt, one posting; the issue first', async () => {
    const bench = openBench();
    bench.sandbox.shopper.buy({ lines: [{ sku: 'CAP', quantity: 4 }], location: null });
    const targets = [
      target('HAT', MAIN, 12.5, 10),
      target('MUG', MAIN, 7, 10),
      target('MUG', SHOP, 8, 10),
      target('HAT', SHOP, 10, 10),
      target('CAP', MAIN, 3, 6, { why: 'count' }),
    ];
    const outcomes = told(await push(bench, targets));
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['applied']));
    expect(Object.keys(outcomes)).toHaveLength(5);
    const [issue, receipt, posting, ...others] = posted(bench);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      set: 'InventoryGenExits',
      body: {
        DocDate: '2026-11-24',
        DocumentLines: [
          { ItemCode: 'MUG', WarehouseCode: MAIN, Quantity: 3, UseBaseUnits: 'tYES', FreeText: `key-MUG-${MAIN}` },
          { ItemCode: 'MUG', WarehouseCode: SHOP, Quantity: 2 },
        ],
      },
    });
    expect(receipt).toMatchObject({
      set: 'InventoryGenEntries',
      body: { DocumentLines: [{ ItemCode: 'HAT', Quantity: 2.5 }] },
    });
    // Three can be sold and four are promised: seven stand on the shelf.
    expect(posting).toMatchObject({
      set: 'InventoryPostings',
      body: { InventoryPostingLines: [{ ItemCode: 'CAP', CountedQuantity: 7 }] },
    });
    expect(shown(bench)).toMatchObject({
      [`MUG ${MAIN}`]: 7,
      [`MUG ${SHOP}`]: 8,
      [`HAT ${MAIN}`]: 12.5,
      [`CAP ${MAIN}`]: 3,
    });
  });

  it('items with batches or serial numbers are refused with the reason, whether their listing said so or SAP does', async () => {
    const bench = openBench();
    bench.sandbox.staff.mark('HAT', { managedBy: 'batch' });
    const known = await push(bench, [target('HAT', MAIN, 7, 10, { extra: { managedBy: 'batches' } })]);
    expect(known).toMatchObject([
      { result: 'failed', failure: { code: 'managed-item', message: expect.stringContaining('batches') } },
    ]);
    expect(posted(bench)).toEqual([]);
    const targets = [target('MUG', MAIN, 7, 10), target('HAT', MAIN, 7, 10), target('CAP', MAIN, 7, 10)];
    expect(told(await push(bench, targets))).toEqual({
      [`MUG ${MAIN}`]: 'applied',
      [`HAT ${MAIN}`]: 'rejected refused',
      [`CAP ${MAIN}`]: 'applied',
    });
    expect(shown(bench)).toMatchObject({ [`MUG ${MAIN}`]: 7, [`HAT ${MAIN}`]: 10, [`CAP ${MAIN}`]: 7 });
  });

  it('a refusal that names no line is narrowed down; one that names a wrong one does no harm', async () => {
    const bench = openBench();
    bench.sandbox.staff.closeWarehouse(SHOP);
    const targets = ['MUG', 'HAT', 'CAP'].flatMap((sku) => [MAIN, SHOP].map((place) => target(sku, place, 4, 10)));
    const outcomes = told(await push(bench, targets));
    for (const sku of ['MUG', 'HAT', 'CAP'])
      expect([outcomes[`${sku} ${MAIN}`], outcomes[`${sku} ${SHOP}`]]).toEqual(['applied', 'rejected refused']);

    const other = openBench();
    other.sandbox.staff.mark('HAT', { frozen: true });
    other.line = (request, carry) =>
      isPosting(request)
        ? carry().then((answer) =>
            answer.status === 400
              ? jsonResponse(400, {
                  error: { code: '-5002', message: bodyText(answer).replace(/line: \d+/, 'line: 1') },
                })
              : answer,
          )
        : undefined;
    const named = [target('MUG', MAIN, 4, 10), target('CAP', MAIN, 4, 10), target('HAT', MAIN, 4, 10)];
    expect(told(await push(other, named))).toEqual({
      [`MUG ${MAIN}`]: 'applied',
      [`CAP ${MAIN}`]: 'applied',
      [`HAT ${MAIN}`]: 'rejected refused',
    });
  });

  it.each([
    ['English', undefined],
    ['German', 'Menge fällt in negativen Bestandsbereich'],
  ])('what was sold there meanwhile is a conflict: read again, not refused for ever (%s)', async (_, text) => {
    const bench = openBench();
    bench.line = (request, carry) =>
      text && isPosting(request)
        ? carry().then((answer) =>
            answer.status === 400 ? jsonResponse(400, { error: { code: '-10', message: text } }) : answer,
          )
        : undefined;
    bench.sandbox.shopper.edit('MUG', MAIN, 2);
    const outcomes = told(await push(bench, [target('MUG', MAIN, 5, 10), target('HAT', MAIN, 5, 10)]));
    expect(outcomes).toEqual({ [`MUG ${MAIN}`]: 'conflict below-zero', [`HAT ${MAIN}`]: 'applied' });
    bench.sandbox.staff.allowNegative();
    expect(told(await push(bench, [target('MUG', MAIN, 5, 10)]))).toEqual({ [`MUG ${MAIN}`]: 'applied' });
    expect(shown(bench)[`MUG ${MAIN}`]).toBe(-3);
  });

  it('a receipt that breaks off does not unsay the issue before it', async () => {
    const bench = openBench();
    bench.line = (request) =>
      request.url.endsWith('InventoryGenEntries') ? Promise.resolve(jsonResponse(502, '<html>')) : undefined;
    expect(told(await push(bench, [target('MUG', MAIN, 4, 10), target('HAT', MAIN, 14, 10)]))).toEqual({
      [`MUG ${MAIN}`]: 'applied',
      [`HAT ${MAIN}`]: 'unknown-outcome server-error',
    });
    await expect(push(bench, [target('CAP', MAIN, 14, 10)])).rejects.toMatchObject({ failure: 'unknown-outcome' });
  });

  it('a warehouse with bins, and a count of what SAP does not have, fail by themselves', async () => {
    const bench = openBench();
    bench.sandbox.staff.useBins(SHOP);
    const targets = [
      target('MUG', SHOP, 4, 10),
      target('MUG', MAIN, 4, 10),
      target('NONE', MAIN, 4, 10, { why: 'count' }),
    ];
    expect(told(await push(bench, targets))).toEqual({
      [`MUG ${SHOP}`]: 'rejected refused',
      [`MUG ${MAIN}`]: 'applied',
      [`NONE ${MAIN}`]: 'gone unknown-item',
    });
  });
});

describe('a session that ends', () => {
  it('in the middle of a push: one login, and the document is posted once', async () => {
    const bench = openBench();
    await bench.run((client, config) => readLevels(client, config, [{ stockKey: 'MUG', location: MAIN }]));
    expect(bench.sandbox.sessions.logins).toBe(1);
    await bench.advance(60_000);
    bench.sandbox.staff.restart();
    const one = (sku: string, place: string) => push(bench, [target(sku, place, 7, 10)]);
    const pushes = await Promise.all([one('MUG', MAIN), one('HAT', MAIN), one('CAP', SHOP)]);
    expect(pushes.flat().map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    expect(bench.sandbox.sessions.logins).toBe(2);
    expect(posted(bench).filter(({ status }) => status === 201)).toHaveLength(3);
    expect(shown(bench)).toMatchObject({ [`MUG ${MAIN}`]: 7, [`HAT ${MAIN}`]: 7, [`CAP ${SHOP}`]: 7 });
  });

  it('by itself: it is renewed before, and nothing is refused', async () => {
    const bench = openBench();
    for (let turn = 0; turn < 8; turn++) {
      await push(bench, [target('MUG', MAIN, 10 - turn - 1, 10 - turn, { key: `key-${turn}` })]);
      await bench.advance(10 * 60_000);
    }
    expect(bench.exchanges.filter(({ response }) => response.status === 401)).toEqual([]);
    expect(bench.sandbox.sessions.logins).toBe(3);
    expect(shown(bench)[`MUG ${MAIN}`]).toBe(2);
  });

  it('and a password that was changed: the push fails as refused access, and nothing was posted', async () => {
    const bench = openBench();
    await push(bench, [target('MUG', MAIN, 9, 10)]);
    bench.sandbox.sessions.password = 'changed';
    bench.sandbox.staff.restart();
    await expect(push(bench, [target('MUG', MAIN, 4, 9)])).rejects.toMatchObject({
      failure: 'auth',
      code: 'login-refused',
    });
    expect(shown(bench)[`MUG ${MAIN}`]).toBe(9);
  });
});

describe('an answer that is lost', () => {
  it.each([
    ['a goods issue', 7, 'sync'],
    ['a goods receipt', 13, 'sync'],
    ['a count', 13, 'count'],
  ] as const)('%s is found by the key on its line', async (_, want, why) => {
    const bench = openBench();
    const one = target('MUG', MAIN, want, 10, { why });
    bench.line = (request, carry) =>
      isPosting(request)
        ? carry().then(() => {
            throw new TransportError('the answer was lost', true);
          })
        : undefined;
    await expect(push(bench, [one])).rejects.toMatchObject({ failure: 'unknown-outcome' });
    bench.line = undefined;
    // Ours are found among many, over pages.
    for (let more = 0; more < 120; more++)
      await push(bench, [target('HAT', MAIN, want === 7 ? 10 - 0.01 : 10.01, 10, { key: `x${more}`, why })]);
    const find = (key: string) => bench.run((client, config) => findPush(client, config, { ...one, key }));
    expect(await find(one.key)).toMatchObject({ result: 'applied' });
    expect(await find("key' or 1 eq 1")).toBe('not-found');
  });
});
