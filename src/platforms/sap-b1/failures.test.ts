import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HttpResponse, jsonResponse } from '../../platform/http.ts';
import { batchAnswers, readTogether } from './batch.ts';
import { facts, type SapOp } from './facts.ts';
import { classify, lineOf } from './failures.ts';
import { openBench } from './testing/bench.ts';

const v4 = (status: number, code: string, message: string) => jsonResponse(status, { error: { code, message } });
const v3 = (status: number, code: number, value: string) =>
  jsonResponse(status, { error: { code, message: { lang: 'en-us', value } } });
const page = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: Buffer.from('<html>Sign in</html>'),
});
const multipart: HttpResponse = {
  status: 202,
  headers: {},
  body: Buffer.from('--b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--b--'),
};

describe('what an answer means', () => {
  it.each([
    ['a page of a set', jsonResponse(200, { value: [] }), 'items', undefined],
    ['a document', jsonResponse(200, { DocEntry: 1 }), 'document', undefined],
    ['a batch', multipart, 'feed', undefined],
    ['posted', jsonResponse(201, { DocEntry: 1 }), 'issue', undefined],
    ['posted, without a word', { status: 204, headers: {}, body: Buffer.alloc(0) }, 'issue', undefined],
    ['a session', jsonResponse(200, { SessionId: 'x', SessionTimeout: 30 }), 'login', undefined],
    ['an ended session', v4(401, '301', 'Invalid session or session already timeout.'), 'issue', 'auth session-over'],
    ['an ended session in V3', v3(400, 301, 'Invalid session'), 'items', 'auth session-over'],
    ['a refused login', v4(401, '100000027', 'Login failed'), 'login', 'auth login-refused'],
    ['a refused login with 400', v4(400, '-1102', 'Incorrect company'), 'login', 'auth login-refused'],
    ['no authorization', v4(403, '-1', 'No permission'), 'issue', 'auth not-allowed'],
    ['no such document', v4(404, '-2028', 'No matching records found'), 'document', 'gone unknown-document'],
    ['no such address', page(404), 'items', 'rejected no-such-address'],
    ['a version that does not fit', v4(412, '-2039', 'Precondition failed'), 'issue', 'conflict conflict'],
    [
      'below zero',
      v4(400, '-10', 'Quantity falls into negative inventory  [IGE1.WhsCode][line: 2]'),
      'issue',
      'conflict below-zero',
    ],
    ['below zero, in German', v4(400, '-10', 'Menge fällt in negativen Bestandsbereich'), 'issue', 'rejected refused'],
    ['a balancer that is full', page(503, { 'retry-after': '7' }), 'issue', 'throttled busy'],
    ['a balancer without a word', page(503), 'issue', 'unknown-outcome server-error'],
    ['a balancer without a word, to a read', page(502), 'levels', 'transient server-error'],
    ['a log-in page with 200', page(200), 'items', 'transient odd-answer'],
    ['a log-in page with 200, to a posting', page(200), 'issue', 'unknown-outcome odd-answer'],
    ['a log-in page with 200, to a batch', page(200), 'feed', 'transient odd-answer'],
    ['an error with 200', v4(200, '-1', 'x'), 'items', 'rejected error-inside'],
    ['an error with 200, to a posting', v4(200, '-1', 'x'), 'receipt', 'unknown-outcome error-inside'],
  ] as const)('%s', (_, response, op, expected) => {
    const failure = classify(response, op);
    expect(failure && `${failure.failure} ${failure.code}`).toBe(expected);
  });

  it('names a time to wait and a line where there is one', () => {
    expect(classify(page(503, { 'retry-after': '7' }), 'items')?.retryAfterMs).toBe(7_000);
    const line = (text: string) => lineOf(classify(v4(400, '-5002', text), 'issue')!);
    expect([line('x [IGE1.ItemCode][line: 2]'), line('x [line: 0]'), line('x')]).toEqual([1, undefined, undefined]);
  });

  it('is total', () => {
    const ops = Object.keys(facts.operations) as SapOp[];
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom(...ops),
        (status, body, op) => {
          const response = { status, headers: {}, body: Buffer.from(body) };
          classify(response, op);
          batchAnswers(response);
        },
      ),
    );
  });
});

describe('a batch', () => {
  const framed = (parts: string[], end = '\r\n') =>
    [
      ...parts.flatMap((part) => ['--batchresponse_x', 'Content-Type:application/http', '', part]),
      '--batchresponse_x--',
      '',
    ].join(end);
  const ok = 'HTTP/1.1 200 OK\r\nContent-Type:application/json\r\n\r\n{"a":"--b"}';

  it('is read with either line end, and inner headers or none', () => {
    for (const text of [framed([ok, ok]), framed([ok, ok]).replaceAll('\r\n', '\n')]) {
      const answers = batchAnswers({ body: Buffer.from(text) })!;
      expect(answers.map(({ status, body }) => [status, body.toString()])).toEqual([
        [200, '{"a":"--b"}'],
        [200, '{"a":"--b"}'],
      ]);
    }
    expect(batchAnswers({ body: Buffer.from('{}') })).toBeUndefined();
  });

  it('that answers fewer parts than were asked is no answer; a part that is refused is the refusal of all', async () => {
    const ask = async (text: string) => {
      const bench = openBench();
      bench.line = (request) =>
        request.url.endsWith('$batch')
          ? Promise.resolve({ status: 202, headers: {}, body: Buffer.from(text) })
          : undefined;
      return bench.run((client, config) =>
        readTogether(client, config, 'readLevels', [{ path: '/Items' }, { path: '/Items' }]),
      );
    };
    await expect(ask(framed([ok]))).rejects.toMatchObject({ failure: 'transient', code: 'cut-off' });
    await expect(
      ask(framed([ok, 'HTTP/1.1 403 Forbidden\r\n\r\n{"error":{"code":"-1","message":"no"}}'])),
    ).rejects.toMatchObject({ failure: 'auth' });
    const { answers } = await ask(
      framed([ok, 'HTTP/1.1 404 Not Found\r\n\r\n{"error":{"code":"-2028","message":"no"}}']),
    );
    expect(answers.map((answer) => answer?.status)).toEqual([200, undefined]);
  });
});
