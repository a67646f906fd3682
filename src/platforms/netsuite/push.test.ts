import { describe, expect, it } from 'vitest';
import type { Outcome, Target } from '../../platform/contract.ts';
import { bodyText, jsonResponse, TransportError } from '../../platform/http.ts';
import { findPush } from './find-push.ts';
import { pushLevels } from './push.ts';
import { type Bench, EAST, isAdjustment, openBench, target, WEST } from './testing/bench.ts';

const push = (bench: Bench, targets: Target[]) => bench.run((client, config) => pushLevels(client, config, targets));
const told = (outcomes: Outcome[]) =>
  Object.fromEntries(
    outcomes.map((outcome) => [
      `${outcome.cell.stockKey}@${outcome.cell.location}`,
      outcome.result === 'failed' ? `${outcome.failure.failure} ${outcome.failure.code}` : outcome.result,
    ]),
  );
const sent = (bench: Bench) =>
  bench.exchanges.filter(({ request }) => isAdjustment(request)).map(({ request }) => JSON.parse(bodyText(request)));
const shown = (bench: Bench) =>
  Object.fromEntries(bench.sandbox.shown().map(({ sku, location, available }) => [`${sku}@${location}`, available]));

describe('one adjustment for many cells', () => {
  it('has a difference for each, its key as the memo of the line, and an external ID of all keys', async () => {
    const bench = openBench();
    const targets = [target('501', EAST, 7, 10), target('502', WEST, 12.5, 10), target('503', EAST, 4, 4)];
    expect(told(await push(bench, targets))).toEqual({
      [`501@${EAST}`]: 'applied',
      [`502@${WEST}`]: 'applied',
      [`503@${EAST}`]: 'applied',
    });
    const [body, ...others] = sent(bench);
    expect(others).toEqual([]);
    expect(body).toMatchObject({
      externalId: expect.stringMatching(/^onhand-[0-9a-f]{40}$/),
      subsidiary: { id: '1' },
      account: { id: '154' },
      tranDate: '2026-11-24',
      inventory: {
        items: [
          { item: { id: '501' }, location: { id: EAST }, adjustQtyBy: -3, memo: `key-501-${EAST}` },
          { item: { id: '502' }, location: { id: WEST }, adjustQtyBy: 2.5, memo: `key-502-${WEST}` },
        ],
      },
    });
    expect(shown(bench)).toMatchObject({ [`MUG@${EAST}`]: 7, [`HAT@${WEST}`]: 12.5, [`CAP@${EAST}`]: 10 });
  });

  it('a line that is named is taken out, the others are saved', async () => {
    const bench = openBench();
    bench.sandbox.staff.mark('HAT', { lot: true });
    const targets = [
      target('501', EAST, 7, 10),
      target('502', EAST, 7, 10),
      target('999', EAST, 7, 10),
      target('503', '77', 7, 10),
      target('503', EAST, 7, 10),
    ];
    expect(told(await push(bench, targets))).toEqual({
      [`501@${EAST}`]: 'applied',
      [`502@${EAST}`]: 'rejected line-refused',
      [`999@${EAST}`]: 'gone unknown-item',
      '503@77': 'gone unknown-location',
      [`503@${EAST}`]: 'applied',
    });
    expect(shown(bench)).toMatchObject({ [`MUG@${EAST}`]: 7, [`HAT@${EAST}`]: 10, [`CAP@${EAST}`]: 7 });
    const ids = sent(bench).map(({ externalId }) => externalId);
    expect(new Set(ids).size, 'another set of lines is another adjustment').toBe(ids.length);
  });

  it('a refusal that names no line is narrowed down', async () => {
    const bench = openBench();
    bench.sandbox.staff.closeLocation(WEST);
    const targets = [501, 502, 503].flatMap((item) => [EAST, WEST].map((place) => target(String(item), place, 3, 10)));
    const outcomes = told(await push(bench, targets));
    for (const item of [501, 502, 503])
      expect([outcomes[`${item}@${EAST}`], outcomes[`${item}@${WEST}`]]).toEqual(['applied', 'rejected line-refused']);
    expect(shown(bench)).toMatchObject({ [`MUG@${EAST}`]: 3, [`MUG@${WEST}`]: 10 });
  });

  it('what breaks off halfway does not unsay what was saved', async () => {
    const bench = openBench();
    let calls = 0;
    bench.line = (request) => {
      if (!isAdjustment(request)) return undefined;
      calls += 1;
      return calls === 3 ? Promise.resolve(jsonResponse(502, '<html>')) : undefined;
    };
    bench.sandbox.staff.closeLocation(WEST);
    const outcomes = told(await push(bench, [target('501', EAST, 3, 10, 'a'), target('502', WEST, 3, 10, 'b')]));
    expect(outcomes).toEqual({ [`501@${EAST}`]: 'applied', [`502@${WEST}`]: 'unknown-outcome server-error' });
  });

  it('sends nothing that no account could take', async () => {
    const bench = openBench();
    const outcomes = told(
      await push(bench, [target('x', EAST, 1, 0), target('501', '-', 1, 0), target('501', EAST, 2e9, 0)]),
    );
    expect(Object.values(outcomes)).toEqual([
      'gone unknown-item',
      'gone unknown-location',
      'rejected impossible-quantity',
    ]);
    expect(sent(bench)).toEqual([]);
    bench.config = { ...bench.config, adjustmentAccount: undefined };
    await expect(push(bench, [target('501', EAST, 1, 0)])).rejects.toMatchObject({ code: 'no-adjustment-account' });
  });
});

describe('an answer that is lost', () => {
  it('is in doubt; the memo of the line tells; the same sent again is not done twice', async () => {
    const bench = openBench();
    const targets = [target('501', EAST, 7, 10, 'key-1'), target('502', EAST, 7, 10, 'key-2')];
    bench.line = (request, carry) =>
      isAdjustment(request)
        ? carry().then(() => {
            throw new TransportError('the answer was lost', true);
          })
        : undefined;
    await expect(push(bench, targets)).rejects.toMatchObject({ failure: 'unknown-outcome' });
    bench.line = undefined;
    const find = (one: Target) => bench.run((client, config) => findPush(client, config, one));
    expect(await find(targets[0]!)).toMatchObject({ result: 'applied' });
    expect(await find(target('501', EAST, 7, 10, "key-3' OR '1'='1"))).toBe('not-found');
    expect(told(await push(bench, targets))).toEqual({ [`501@${EAST}`]: 'applied', [`502@${EAST}`]: 'applied' });
    expect(shown(bench)).toMatchObject({ [`MUG@${EAST}`]: 7, [`HAT@${EAST}`]: 7 });
  });

  it('a duplicate that cannot be found stays in doubt', async () => {
    const bench = openBench();
    bench.line = (request) =>
      isAdjustment(request)
        ? Promise.resolve(
            jsonResponse(400, {
              status: 400,
              'o:errorDetails': [{ detail: 'This record already exists.', 'o:errorCode': 'USER_ERROR' }],
            }),
          )
        : undefined;
    expect(told(await push(bench, [target('501', EAST, 7, 10)]))).toEqual({
      [`501@${EAST}`]: 'unknown-outcome not-found',
    });
  });
});
