import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type Routed, Router } from '../../../platform/sandbox-kit/index.ts';
import { readCall } from '../xmlrpc.ts';
import { OdooError } from './errors.ts';
import { type Methods, placed } from './methods.ts';
import type { Office } from './office.ts';
import { jsonAnswer, pythonXml, xmlResponse } from './print.ts';

const VERSION = {
  server_version: '19.0',
  server_version_info: [19, 0, 0, 'final', 0, ''],
  server_serie: '19.0',
  protocol_version: 1,
};

const TRACE = (error: Error): string =>
  `Traceback (most recent call last):\n  File "odoo19/odoo/http.py"\n${error.message}\n`;

/** Odoo's three ways in, over one set of methods. */
export class Endpoint {
  readonly #router: Router;

  constructor(
    private readonly office: Office,
    private readonly methods: Methods,
  ) {
    this.#router = new Router({
      notFound: () => this.#refusal(new OdooError(404, 'werkzeug.exceptions.NotFound', '404 Not Found')),
      wrongMethod: () =>
        this.#refusal(new OdooError(405, 'werkzeug.exceptions.MethodNotAllowed', '405 Method Not Allowed')),
    })
      .on('POST', '/json/2/{model}/{method}', (routed) => this.#json2(routed))
      .on('GET', '/web/version', () =>
        jsonAnswer(200, { version_info: VERSION.server_version_info, version: '19.0' }, this.#date()),
      )
      .on('POST', '/jsonrpc', (routed) => this.#jsonRpc(routed))
      .on('POST', '/xmlrpc/2/{service}', (routed) => this.#xmlRpc(routed));
  }

  handle(request: HttpRequest): Promise<HttpResponse> {
    return this.#router.handle(request);
  }

  #date(): string {
    return new Date(this.office.options.clock.now()).toUTCString();
  }

  #json2({ params, headers, request }: Routed): HttpResponse {
    if ((headers['x-odoo-database'] ?? this.office.database) !== this.office.database) return NO_DATABASE;
    try {
      if (this.office.revoked || headers['authorization'] !== `bearer ${this.office.apiKey}`)
        throw new OdooError(401, 'werkzeug.exceptions.Unauthorized', 'Invalid apikey');
      const body = objectOf(bodyText(request));
      const { ids, context, ...args } = body;
      const asked = {
        model: params['model']!,
        method: params['method']!,
        ids: Array.isArray(ids) ? ids.map(Number) : undefined,
        args,
        context: (context ?? {}) as Record<string, unknown>,
      };
      return jsonAnswer(200, this.methods.call(asked) ?? null, this.#date());
    } catch (error) {
      return this.#refusal(error);
    }
  }

  #refusal(error: unknown): HttpResponse {
    if (!(error instanceof OdooError)) throw error;
    return jsonAnswer(error.status, { ...told(error), context: {} }, this.#date());
  }

  #jsonRpc({ request }: Routed): HttpResponse {
    const { id, params } = objectOf(bodyText(request));
    const answer = (member: Record<string, unknown>) =>
      jsonAnswer(200, { jsonrpc: '2.0', id, ...member }, this.#date());
    try {
      const { service, method, args } = params as { service: string; method: string; args: unknown[] };
      const result = this.#service(service, method, args);
      // Nothing to tell is told by leaving it out.
      return answer(result === null || result === undefined ? {} : { result });
    } catch (error) {
      if (!(error instanceof OdooError)) throw error;
      return answer({ error: { code: 200, message: 'Odoo Server Error', data: told(error) } });
    }
  }

  #xmlRpc({ params, request }: Routed): HttpResponse {
    try {
      const call = readCall(bodyText(request));
      const result = this.#service(params['service']!, call.method, call.params);
      return xmlResponse(`<params>\n<param>\n${pythonXml(result)}\n</param>\n</params>\n`, this.#date());
    } catch (error) {
      if (!(error instanceof OdooError || error instanceof TypeError)) throw error;
      const { code, text } =
        error instanceof OdooError
          ? {
              code: error.fault,
              text: error.fault === 1 ? `${TRACE(error)}${error.exception}: ${error.message}\n` : error.message,
            }
          : { code: 1, text: `${TRACE(error)}TypeError: ${error.message}\n` };
      return xmlResponse(`<fault>\n${pythonXml({ faultCode: code, faultString: text })}\n</fault>\n`, this.#date());
    }
  }

  #service(service: string, method: string, args: unknown[]): unknown {
    const { office } = this;
    if (service === 'common' && method === 'version') return VERSION;
    const [database, user, key] = args;
    if (database !== office.database)
      throw new OdooError(
        500,
        'psycopg2.OperationalError',
        `connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "${database}" does not exist\n`,
      );
    const known = key === office.apiKey && !office.revoked;
    if (service === 'common' && (method === 'authenticate' || method === 'login'))
      return known && user === office.login ? office.uid : false;
    if (service !== 'object' || (method !== 'execute_kw' && method !== 'execute'))
      throw new OdooError(404, 'werkzeug.exceptions.NotFound', `No such service ${service}.${method}`);
    if (!known || user !== office.uid) throw new OdooError(403, 'odoo.exceptions.AccessDenied', 'Access Denied', 3);
    const [, , , model, name, positional, kwargs] = args;
    const named = (kwargs ?? {}) as Record<string, unknown>;
    return this.methods.call(placed(String(model), String(name), (positional ?? []) as unknown[], named));
  }
}

const told = (error: OdooError) => ({
  name: error.exception,
  message: error.message,
  arguments: [error.message],
  debug: TRACE(error),
});

function objectOf(text: string): Record<string, unknown> {
  const body: unknown = text.trim() === '' ? {} : JSON.parse(text);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** Which database is meant, Odoo must know before it looks at the address. */
const NO_DATABASE: HttpResponse = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from(
    '<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n',
  ),
};

/** As nginx in front of Odoo answers. */
export const page = (status: number, title: string, headers: Record<string, string> = {}): HttpResponse =>
  jsonResponse(status, `<html><head><title>${status} ${title}</title></head></html>`, {
    'content-type': 'text/html',
    ...headers,
  });
