import { describe, expect, it } from 'vitest';
import { bodyText, type HttpRequest, jsonResponse } from '../http.ts';
import { Router } from './router.ts';

const router = () =>
  new Router({
    notFound: (_request, url) => jsonResponse(404, { code: 'no_route', path: url.pathname }),
    wrongMethod: (_request, _url, allowed) => jsonResponse(405, { allowed }, { allow: allowed.join(', ') }),
  });
const ask = async (on: Router, method: HttpRequest['method'], path: string, body?: string) => {
  const response = await on.handle({ method, url: `http://host${path}`, headers: {}, body });
  return { status: response.status, body: JSON.parse(bodyText(response)) };
};

describe('Router', () => {
  it('decodes parameters and query; slashes and spaces inside an encoded segment stay one segment', async () => {
    const on = router().on('GET', '/items/{seller}/{sku}', ({ params, query }) =>
      jsonResponse(200, { ...params, page: query.get('page') }),
    );
    expect((await ask(on, 'GET', '/items/A1/a%2Fb%20%23%C3%A9?page=2')).body).toEqual({
      seller: 'A1',
      sku: 'a/b #é',
      page: '2',
    });
    expect((await ask(on, 'GET', '/items/A1/a/b')).status).toBe(404);
    expect((await ask(on, 'GET', '/items/A1/%E0%A4%A')).status).toBe(404);
  });

  it('a literal wins over a parameter, in whatever order they were named', async () => {
    const on = router()
      .on('POST', '/orders/{id}', () => jsonResponse(200, 'one'))
      .on('POST', '/orders/search', () => jsonResponse(200, 'search'))
      .on('GET', '/orders/{id}.json', ({ params }) => jsonResponse(200, params))
      .on('GET', '/files/{path...}', ({ params }) => jsonResponse(200, params));
    expect((await on.handle({ method: 'POST', url: 'http://h/orders/search', headers: {} })).body.toString()).toBe(
      'search',
    );
    expect((await on.handle({ method: 'POST', url: 'http://h/orders/7/', headers: {} })).body.toString()).toBe('one');
    expect((await ask(on, 'GET', '/orders/7.json')).body).toEqual({ id: '7' });
    expect((await ask(on, 'GET', '/files/a/b/c')).body).toEqual({ path: 'a/b/c' });
  });

  it("unknown paths and methods get the vendor's own shapes", async () => {
    const on = router()
      .on('GET', '/a', () => jsonResponse(200, {}))
      .on('PUT', '/a', () => jsonResponse(200, {}));
    expect(await ask(on, 'GET', '/b')).toEqual({ status: 404, body: { code: 'no_route', path: '/b' } });
    expect(await ask(on, 'DELETE', '/a')).toEqual({ status: 405, body: { allowed: ['GET', 'PUT'] } });
  });

  it('reads JSON without losing digits, and forms', async () => {
    const on = router()
      .on('POST', '/json', ({ json }) => jsonResponse(200, { got: json() }))
      .on('POST', '/form', ({ form }) => jsonResponse(200, { grant: form().get('grant_type') }));
    expect((await ask(on, 'POST', '/json', '{"id":820982911946154508}')).body).toEqual({
      got: { id: '820982911946154508' },
    });
    expect((await ask(on, 'POST', '/form', 'grant_type=refresh_token&x=1')).body).toEqual({ grant: 'refresh_token' });
    await expect(ask(on, 'POST', '/json', '{')).rejects.toThrow(SyntaxError);
  });
});
