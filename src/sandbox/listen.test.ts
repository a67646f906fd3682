import { afterEach, describe, expect, it } from 'vitest';
import { type HttpRequest, jsonResponse, TransportError } from '../platform/http.ts';
import { listen } from './listen.ts';

describe('listen', () => {
  let server: Awaited<ReturnType<typeof listen>> | undefined;
  afterEach(() => server?.close());

  it('hands on method, absolute url, headers and raw bytes, and answers as the sandbox did', async () => {
    const seen: HttpRequest[] = [];
    server = await listen({
      handle: async (request) => {
        seen.push(request);
        return { status: 207, headers: { 'x-own': 'yes' }, body: Buffer.from([0, 255, 1]) };
      },
    });
    const response = await fetch(`${server.url}/v2/a%2Fb?x=1`, {
      method: 'PATCH',
      headers: { 'X-Original-Host': 'api.vendor.com', 'Content-Type': 'application/octet-stream' },
      body: Buffer.from([200, 0, 7]),
    });
    expect([response.status, response.headers.get('x-own')]).toEqual([207, 'yes']);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 1]));
    expect(seen[0]).toMatchObject({ method: 'PATCH', url: `${server.url}/v2/a%2Fb?x=1` });
    expect(seen[0]!.headers['x-original-host']).toBe('api.vendor.com');
    expect([...(seen[0]!.body as Uint8Array)]).toEqual([200, 0, 7]);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('cuts the connection on a lost answer, says 500 on a defect, and lives on', async () => {
    let what: 'cut' | 'defect' | 'fine' = 'cut';
    server = await listen({
      handle: async () => {
        if (what === 'cut') throw new TransportError('lost', true);
        if (what === 'defect') throw new Error('a defect of the stand-in');
        return jsonResponse(200, { fine: true });
      },
    });
    await expect(fetch(server.url)).rejects.toThrow();
    what = 'defect';
    const broken = await fetch(server.url);
    expect([broken.status, (await broken.text()).includes('a defect of the stand-in')]).toEqual([500, true]);
    what = 'fine';
    expect(await (await fetch(server.url)).json()).toEqual({ fine: true });
    const head = await fetch(server.url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
