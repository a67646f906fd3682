import type { HttpResponse } from '../../../platform/http.ts';

/** One request of a batch; `url` is absolute. */
export interface PartRequest {
  method: 'PATCH' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string;
}

const LINE = '\r\n';

/** `multipart/mixed`, as OData batches are sent: each part is an HTTP request of its own, outside any change set. */
export function batchBody(boundary: string, requests: readonly PartRequest[]): string {
  const parts = requests.map(({ method, url, headers, body }) =>
    [
      `--${boundary}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `${method} ${url} HTTP/1.1`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join(LINE),
  );
  return `${parts.join(LINE)}${LINE}--${boundary}--${LINE}`;
}

/** The answers in the order of the requests; a part that is no HTTP answer is undefined. Total. */
export function batchAnswers(response: HttpResponse): (HttpResponse | undefined)[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(response.headers['content-type'] ?? '')?.[1];
  if (!boundary) return [];
  const pieces = Buffer.from(response.body).toString('utf8').split(`--${boundary}`);
  return pieces.slice(1).flatMap((piece) => (piece.startsWith('--') ? [] : [answerOf(piece)]));
}

function answerOf(piece: string): HttpResponse | undefined {
  const start = /HTTP\/1\.\d (\d{3})[^\r\n]*\r?\n/.exec(piece);
  if (!start) return undefined;
  const rest = piece.slice(start.index + start[0].length);
  const [head = '', ...body] = rest.split(/\r?\n\r?\n/);
  const headers = Object.fromEntries(
    head.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]] : [];
    }),
  );
  return { status: Number(start[1]), headers, body: Buffer.from(body.join('\r\n\r\n').trim()) };
}
