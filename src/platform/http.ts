/** What goes out to a platform. Header names are lower case; the body is bytes or text, already encoded. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'HEAD';
  /** Absolute. */
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  headers: Record<string, string>;
  body: Uint8Array;
}

/**
 * The one way bytes leave the process: undici in production, a sandbox's `handle` in simulation.
 * @throws TransportError when no whole answer arrived.
 */
export type Transport = (
  request: HttpRequest,
  options: { timeoutMs: number; signal?: AbortSignal },
) => Promise<HttpResponse>;

/** `sent: false`: the platform cannot have seen the request. `sent: true`: it may have acted on it. */
export class TransportError extends Error {
  constructor(
    message: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TransportError';
  }
}

/** Is it one, whichever copy of this package or the runtime made it? Recognized by name and field, not by class. */
export const isTransportError = (error: unknown): error is TransportError =>
  error instanceof Error && error.name === 'TransportError' && typeof (error as TransportError).sent === 'boolean';

/** The body as text. */
export const bodyText = (message: { body?: string | Uint8Array }): string =>
  typeof message.body === 'string' ? message.body : Buffer.from(message.body ?? new Uint8Array()).toString('utf8');

/** Said by our stand-ins over sockets, so that nobody sells real goods on one by mistake. */
export const STAND_IN_HEADER = 'x-onhand-stand-in';

/** A JSON request: sets content-type and encodes. */
export function jsonRequest(method: HttpRequest['method'], url: string, body?: unknown): HttpRequest {
  if (body === undefined) return { method, url, headers: { accept: 'application/json' } };
  return {
    method,
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A response as sandboxes and tests make them. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}
