import { bodyText, type HttpRequest, type HttpResponse } from '../../../platform/http.ts';
import { odataError } from './tenant.ts';

const MAX = 1_000;
const LINE = '\r\n';

interface Part {
  headers: Record<string, string>;
  content: string;
}

/**
 * `POST $batch` of a `multipart/mixed` body. Requests outside a change set stand alone; those inside one are done together or
 * not at all. Without `odata.continue-on-error` the first that fails ends the batch.
 */
export async function runBatch(
  request: HttpRequest,
  run: (inner: HttpRequest) => Promise<HttpResponse>,
  atomic: (work: () => Promise<boolean>) => Promise<void>,
): Promise<HttpResponse> {
  const parts = partsOf(request.headers['content-type'], bodyText(request));
  if (!parts) return odataError(400, '0x80060888', 'The batch request is malformed.');
  const requests = parts.flatMap((part) => {
    const inner = partsOf(part.headers['content-type'], part.content);
    return inner ? inner.map((one) => requestOf(one, request)) : [requestOf(part, request)];
  });
  if (requests.length > MAX) return odataError(400, '0x80060889', `Number of requests in batch exceeds ${MAX}.`);
  const goesOn = /continue-on-error/.test(request.headers['prefer'] ?? '');
  const answers: string[] = [];
  for (const part of parts) {
    const inner = partsOf(part.headers['content-type'], part.content);
    if (inner) {
      const done: HttpResponse[] = [];
      await atomic(async () => {
        for (const one of inner) done.push(await run(requestOf(one, request)!));
        return done.every(({ status }) => status < 400);
      });
      const failed = done.find(({ status }) => status >= 400);
      answers.push(failed ? single(failed) : mixed('changesetresponse_1', done.map(single)));
      if (failed && !goesOn) break;
      continue;
    }
    const one = requestOf(part, request);
    const answer = one ? await run(one) : odataError(400, '0x80060888', 'A part of the batch is malformed.');
    answers.push(single(answer));
    if (answer.status >= 400 && !goesOn) break;
  }
  const boundary = 'batchresponse_5f2c1d';
  const body = `${answers.map((answer) => `--${boundary}${LINE}${answer}${LINE}`).join('')}--${boundary}--${LINE}`;
  return { status: 200, headers: { 'content-type': `multipart/mixed; boundary=${boundary}` }, body: Buffer.from(body) };
}

function partsOf(contentType: string | undefined, text: string): Part[] | undefined {
  const boundary = /^multipart\/mixed;\s*boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  if (!boundary) return undefined;
  return text
    .split(`--${boundary}`)
    .slice(1)
    .filter((piece) => !piece.startsWith('--'))
    .map((piece) => {
      const [head = '', ...rest] = piece.replace(/^\r?\n/, '').split(/\r?\n\r?\n/);
      return { headers: headersOf(head), content: rest.join(`${LINE}${LINE}`) };
    });
}

const headersOf = (head: string): Record<string, string> =>
  Object.fromEntries(
    head.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]] : [];
    }),
  );

function requestOf({ content }: Part, outer: HttpRequest): HttpRequest | undefined {
  const [head = '', ...rest] = content.replace(/^\s+/, '').split(/\r?\n\r?\n/);
  const [, method, target] = /^(GET|POST|PATCH|PUT|DELETE) (\S+) HTTP\/1\.1/.exec(head) ?? [];
  if (!method || !target) return undefined;
  const url = new URL(target, outer.url.replace(/\$batch.*$/, '')).href;
  return {
    method: method as HttpRequest['method'],
    url,
    headers: headersOf(head.slice(head.indexOf('\n') + 1)),
    body: rest.join(`${LINE}${LINE}`).trim(),
  };
}

function single({ status, headers, body }: HttpResponse): string {
  const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} ${status < 300 ? 'OK' : 'Refused'}`,
    ...given,
    '',
    Buffer.from(body).toString('utf8'),
  ].join(LINE);
}

const mixed = (boundary: string, answers: string[]): string =>
  [
    `Content-Type: multipart/mixed; boundary=${boundary}`,
    '',
    ...answers.map((answer) => `--${boundary}${LINE}${answer}`),
    `--${boundary}--`,
  ].join(LINE);
