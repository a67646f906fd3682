import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import { lookupWhere, type Refusal, refusalOf } from './pinned-lookup.ts';
import { bodyReader, TooLarge } from './response-body.ts';

/** What is sent: as platform/http.ts has it. Runtime knows nothing above itself, so the shapes are written out here. */
interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface Response {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface TransportOptions {
  /**
   * Hosts inside our own network that the operator named (`ONHAND_ALLOW_PRIVATE_HOSTS`): `odoo.lan`, `10.0.0.5:8069`.
   * Every other name must lead to a public address.
   */
  allowPrivateHosts: readonly string[];
  /** Certificates trusted beside the usual ones, PEM. */
  ca?: string;
  /** Default 16 MiB, after decompression. */
  responseBytesMax?: number;
}

/**
 * No whole answer arrived. `sent: false`: the platform cannot have seen the request (the name did not resolve, nobody
 * listened, no secure channel came about). `sent: true`: it may have acted on it. Recognized by name and field.
 */
class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    message: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const CONNECT_MS_MAX = 10_000;
const RESPONSE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * The one real way out. Keeps connections alive per host, follows no redirect (a token must not travel to where an
 * answer says), ends what takes longer than its time, and never reaches into our own network unless the operator
 * named the host: a shop address typed into a form must not read a cloud machine's keys. The address that was judged is
 * the address connected to, so a name that resolves differently a moment later gains nothing.
 */
export function undiciTransport(
  options: TransportOptions,
): (request: Request, options: { timeoutMs: number; signal?: AbortSignal }) => Promise<Response> {
  const allowed = new Set(options.allowPrivateHosts.map((host) => host.trim().toLowerCase()).filter(Boolean));
  const agents = {
    inside: agentFor({ insideToo: true }, options),
    public: agentFor({ insideToo: false }, options),
  };
  const bytesMax = options.responseBytesMax ?? RESPONSE_BYTES_MAX;

  return async (request, { timeoutMs, signal }) => {
    const url = new URL(request.url);
    const insideToo =
      allowed.has(url.host.toLowerCase()) || allowed.has(url.hostname.toLowerCase().replace(/^\[|\]$/g, ''));
    const refusal = refusalOf(url.hostname, insideToo);
    if (refusal) throw new TransportError(refusal.message, false);
    return exchange(insideToo ? agents.inside : agents.public, url, request, { timeoutMs, signal, bytesMax });
  };
}

function agentFor(where: { insideToo: boolean }, { ca }: TransportOptions): Agent {
  return new Agent({
    connectTimeout: CONNECT_MS_MAX,
    // Shorter than most servers keep theirs: a request written into a connection just closed is in doubt.
    keepAliveTimeout: 4_000,
    connections: 32,
    connect: { lookup: lookupWhere(where.insideToo), ...(ca && { ca: [...rootCertificates, ca] }) },
  });
}

function exchange(
  agent: Dispatcher,
  url: URL,
  request: Request,
  limits: { timeoutMs: number; signal?: AbortSignal; bytesMax: number },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let sent = false;
    let over = false;
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Record<string, string> = {};
    const body = bodyReader(limits.bytesMax);

    const end = () => {
      over = true;
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', aborted);
    };
    const fail = (message: string, cause?: unknown) => {
      if (over) return;
      end();
      const error = new TransportError(`${request.method} ${url.host}: ${message}`, sent, { cause });
      reject(error);
      controller?.abort(error);
    };
    const aborted = () => fail('given up');
    const timer = setTimeout(() => fail(`no answer within ${limits.timeoutMs} ms`), limits.timeoutMs);
    if (limits.signal?.aborted) return aborted();
    limits.signal?.addEventListener('abort', aborted, { once: true });

    agent.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method as Dispatcher.HttpMethod,
        headers: { 'accept-encoding': 'gzip, deflate', ...request.headers },
        body: request.body ?? null,
        // The whole exchange has one time, kept above.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart(started) {
          controller = started;
          // Given up while it waited for a connection: nothing may be written any more.
          if (over) return started.abort(new Error('given up'));
          sent = true;
        },
        onResponseStart(_, code, given) {
          status = code;
          headers = joined(given);
        },
        onResponseData(_, chunk) {
          try {
            body.add(chunk);
          } catch (error) {
            fail(said(error), error);
          }
        },
        onResponseEnd() {
          if (over) return;
          body.whole(headers['content-encoding']).then(
            ({ bytes, unpacked }) => {
              if (over) return;
              end();
              // What these said of the packed body is true no more.
              if (unpacked) for (const name of ['content-encoding', 'content-length']) delete headers[name];
              resolve({ status, headers, body: bytes });
            },
            (error) => fail(said(error), error),
          );
        },
        onResponseError(_, error) {
          fail(said(error), error);
        },
      },
    );
  });
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** In words for the operator: the code is what one searches for. */
function said(error: unknown): string {
  if (error instanceof TooLarge) return error.message;
  const { code, message } = error as { code?: string; message?: string } & Partial<Refusal>;
  const known = code === undefined ? undefined : KNOWN[code];
  return known ? `${known} (${code})` : (message ?? String(error));
}

const KNOWN: Record<string, string> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; name its CA in ONHAND_CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA of its own; name it in ONHAND_CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody we trust; name its CA in ONHAND_CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody we trust; name its CA in ONHAND_CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};
