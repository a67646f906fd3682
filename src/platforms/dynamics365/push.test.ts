import { describe, expect, it } from 'vitest';
import type { RemoteLevel, Target } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { Bench, PLACES, skuOf } from '../../platform/testing/bench.ts';
import { push, targetsFor, writableLevels } from '../../platform/testing/pushing.ts';
import type { DynamicsOp } from './facts.ts';
import { classify } from './failures.ts';
import { dynamics365 } from './index.ts';
import type { CentralSandbox } from './sandbox/business-central.ts';
import type { SupplyChainSandbox } from './sandbox/supply-chain.ts';
import { flavoured } from './testing/flavours.ts';
import { id, scripted, settings } from './testing/scripted.ts';

const target = (seq: number, want: number, from?: Partial<RemoteLevel>): Target => {
  const cell = { stockKey: id(seq), location: '-' };
  const level = { ...cell, available: 1, tracked: true, readAt: '2026-11-24T10:00:00Z', ...from };
  return {
    cell,
    want,
    expect: 1,
    ...(from && { from: level }),
    asOf: '2026-11-24T10:00:00.000Z',
    key: `key-${seq}`,
    why: 'sync',
  };
};
const results = (outcomes: Awaited<ReturnType<typeof dynamics365.pushLevels>>) =>
  outcomes.map((one) => (one.result === 'failed' ? `${one.failure.failure}/${one.failure.code}` : one.result));

describe('Business Central', () => {
  it('judges every row of a batch by itself', async () => {
    const row = (index: number, status: number, body: unknown) => ({ id: String(index), status, headers: {}, body });
    const error = (code: string, message = '') => ({ error: { code, message } });
    const { client, asked } = scripted(() => ({
      responses: [
        row(0, 200, { inventory: 4.25 }),
        row(1, 404, error('BadRequest_ResourceNotFound')),
        row(2, 409, error('Request_EntityChanged')),
        row(3, 400, error('Application_FieldValidationException', "Type must be equal to 'Inventory' in Item: No.=X")),
        row(4, 429, error('Application_TooManyRequests')),
        row(5, 503, null),
      ],
    }));
    const targets = [1, 2, 3, 4, 5, 6, 7].map((seq) => target(seq, 4.25, { version: `W/"${seq}"` }));
    const outcomes = await dynamics365.pushLevels(client, settings(), targets);
    expect(results(outcomes)).toEqual([
      'applied',
      'gone/not-found',
      'stale',
      'rejected/not-counted',
      'throttled/rate-limited',
      'unknown-outcome/server-error',
      'unknown-outcome/no-answer',
    ]);
    expect(outcomes[0]).toMatchObject({ after: 4.25 });
    expect(asked[0]!.request.headers['prefer']).toContain('continue-on-error');
    expect(JSON.parse(asked[0]!.text).requests[2].headers['If-Match']).toBe('W/"3"');
  });

  it('a write that comes late does not undo a newer one', async () => {
    const bench = await Bench.open(flavoured('business-central'));
    const [level] = await writableLevels(bench);
    const late = await targetsFor(bench, [{ level: level!, want: 3 }]);
    await push(bench, await targetsFor(bench, [{ level: level!, want: 8 }]));
    expect(results([...(await push(bench, late)).values()])).toEqual(['stale']);
    expect((await bench.readLevels([level!]))[0]?.available).toBe(8);
    bench.close();
  });

  it('a blocked item is refused alone, and listed with the reason', async () => {
    const bench = await Bench.open(flavoured('business-central'));
    const levels = (await writableLevels(bench)).slice(0, 2);
    (bench.sandbox as CentralSandbox).blockItem(skuOf(0));
    const outcomes = await push(
      bench,
      await targetsFor(
        bench,
        levels.map((level) => ({ level, want: 2 })),
      ),
    );
    expect(results([...outcomes.values()]).sort()).toEqual(['applied', 'rejected/refused']);
    expect((await bench.allListings()).find(({ sku }) => sku === skuOf(0))?.unwritable).toContain('blocked');
    bench.close();
  });
});

describe('Dataverse', () => {
  const config = settings({ flavour: 'dataverse', apiUrl: 'https://contoso.crm4.dynamics.com' });
  const parts = (...answers: string[]) => ({
    status: 200,
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_1' },
    body: Buffer.from(`${answers.map((one) => `--batchresponse_1\r\n${one}\r\n`).join('')}--batchresponse_1--\r\n`),
  });
  const part = (status: number, body = '') =>
    `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${status} X\r\nOData-Version: 4.0\r\n\r\n${body}`;

  it('judges every part of a batch by itself, and says nothing of parts that are missing', async () => {
    const { client, asked } = scripted(() =>
      parts(
        part(204),
        part(412, '{"error":{"code":"0x80060882","message":"The version of the existing record"}}'),
        part(404, '{"error":{"code":"0x80040217","message":"product With Id = … Does Not Exist"}}'),
        part(429, '{"error":{"code":"0x80072322","message":"Number of requests exceeded"}}'),
        'no http at all',
      ),
    );
    const targets = [1, 2, 3, 4, 5, 6].map((seq) => target(seq, 7, { version: `W/"${seq}"` }));
    const outcomes = await dynamics365.pushLevels(client, config, [...targets, target(7, 7, { tracked: false })]);
    expect(results(outcomes)).toEqual([
      'rejected/not-counted',
      'applied',
      'stale',
      'gone/not-found',
      'throttled/rate-limited',
      'unknown-outcome/no-answer',
      'unknown-outcome/no-answer',
    ]);
    expect(asked[0]!.text).toContain('If-Match: W/"2"');
  });

  it('without a reading it asks for "any version", so that nothing is created', async () => {
    const { client, asked } = scripted(() => parts(part(204)));
    await dynamics365.pushLevels(client, config, [target(1, 7)]);
    expect(asked[0]!.text).toContain('If-Match: *');
  });
});

describe('Supply Chain Management', () => {
  it('what is softly reserved is not for sale, and stays reserved when a level is set', async () => {
    const bench = await Bench.open(flavoured('supply-chain'));
    const [level] = await writableLevels(bench);
    const sandbox = bench.sandbox as SupplyChainSandbox;
    const cell = { stockKey: level!.stockKey, location: PLACES[0]!.id };
    const reserve = (quantity: number) =>
      sandbox.visibility.reserve({
        json: () => ({
          id: `r${quantity}`,
          organizationId: sandbox.account,
          productId: cell.stockKey,
          quantity,
          modifier: 'softReservOrdered',
          ifCheckAvailForReserv: true,
          dimensions: { siteId: '1', locationId: cell.location },
        }),
      } as never);
    reserve(6);
    expect(JSON.parse(Buffer.from(reserve(15).body).toString())).toMatchObject({ processingStatus: 'failed' });
    expect(await bench.readLevels([cell])).toMatchObject([{ available: 14, written: 20 }]);
    await push(bench, await targetsFor(bench, [{ level: { ...level!, ...cell }, want: 9 }]));
    await bench.settle();
    expect(await bench.readLevels([cell])).toMatchObject([{ available: 9, written: 15 }]);
    bench.close();
  });

  it('an older setting that arrives later changes nothing', async () => {
    const bench = await Bench.open(flavoured('supply-chain'));
    const [level] = await writableLevels(bench);
    const late = await targetsFor(bench, [{ level: level!, want: 3 }]);
    await bench.clock.advance(5_000);
    await push(bench, await targetsFor(bench, [{ level: level!, want: 8 }]));
    await push(bench, late);
    await bench.settle();
    expect((await bench.readLevels([level!]))[0]?.available).toBe(8);
    bench.close();
  });
});

describe('failures', () => {
  const judge = (status: number, body: unknown, op: DynamicsOp = 'order', headers = {}) => {
    const failure = classify(jsonResponse(status, body, headers), op);
    return failure && [failure.failure, failure.code, failure.retryAfterMs];
  };
  const error = (code: string, message = 'said so') => ({ error: { code, message } });

  it.each([
    [429, error(''), 'order', ['throttled', 'rate-limited', 7_000]],
    [503, error(''), 'order', ['transient', 'server-error', 7_000]],
    [503, error(''), 'writeStock', ['unknown-outcome', 'server-error', undefined]],
    [504, '<html>', 'writeStock', ['unknown-outcome', 'server-error', undefined]],
    [401, error('Authentication_InvalidCredentials'), 'order', ['auth', 'token-refused', undefined]],
    [403, error('x'), 'order', ['auth', 'forbidden', undefined]],
    [
      401,
      { error: 'invalid_client', error_description: 'AADSTS7000215' },
      'token',
      ['auth', 'client-refused', undefined],
    ],
    [400, { error: 'invalid_request' }, 'token', ['auth', 'client-refused', undefined]],
    [404, error('0x80040217'), 'order', ['gone', 'not-found', undefined]],
    [400, error('Internal_RecordNotFound'), 'order', ['gone', 'not-found', undefined]],
    [412, error('0x80060882'), 'writeStock', ['conflict', 'changed-meanwhile', undefined]],
    [400, error('BadRequest'), 'order', ['rejected', 'refused', undefined]],
    [200, { value: [] }, 'order', undefined],
  ] as [number, unknown, DynamicsOp, unknown][])('HTTP %i %j to %s', (status, body, op, expected) => {
    expect(judge(status, body, op, { 'retry-after': '7' })).toEqual(expected);
  });

  it('a good answer that is no JSON is a proxy: in doubt for a write, nothing for a read', () => {
    const html = { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') };
    expect(classify(html, 'order')?.failure).toBe('transient');
    expect(classify(html, 'writeStock')?.failure).toBe('unknown-outcome');
  });

  it('of Supply Chain’s nested errors the innermost is told', () => {
    const internalexception = { message: 'Field Warehouse must be filled in.', type: 'X', stacktrace: '' };
    const body = {
      error: {
        code: '',
        message: 'An error has occurred.',
        innererror: { message: 'Write failed', internalexception },
      },
    };
    expect(classify(jsonResponse(400, body), 'order')?.message).toContain('Field Warehouse must be filled in.');
  });
});
