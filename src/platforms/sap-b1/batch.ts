import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest, type HttpResponse } from '../../platform/http.ts';
import { apiUrl, type SapClient, startedMs } from './api.ts';
import type { SapConfig } from './config.ts';
import type { SapOp } from './facts.ts';
import { classify } from './failures.ts';

const BOUNDARY = 'batch_onhand';

/** Several reads as one `$batch`; the parts are worked off in their order. */
function batchRequest(config: SapConfig, parts: { path: string; pageSize?: number }[]): HttpRequest {
  const lines = parts.flatMap(({ path, pageSize }) => [
    `--${BOUNDARY}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `GET ${new URL(apiUrl(config, path)).pathname}${new URL(apiUrl(config, path)).search} HTTP/1.1`,
    'Accept: application/json',
    ...(pageSize ? [`Prefer: odata.maxpagesize=${pageSize}`] : []),
    '',
    '',
  ]);
  return {
    method: 'POST',
    url: apiUrl(config, '/$batch'),
    headers: { accept: 'multipart/mixed', 'content-type': `multipart/mixed;boundary=${BOUNDARY}` },
    body: `${[...lines, `--${BOUNDARY}--`].join('\r\n')}\r\n`,
  };
}

/**
 * The answers within a `$batch` answer, in their order; undefined when it is none. The boundary is taken from the first
 * line: proxies have been seen to change the header.
 */
export function batchAnswers(response: Pick<HttpResponse, 'body'>): HttpResponse[] | undefined {
  const text = bodyText(response);
  const boundary = /^\s*--([^\r\n]+)/.exec(text)?.[1]?.trim();
  if (!boundary) return undefined;
  return text
    .split(`--${boundary}`)
    .slice(1)
    .flatMap((part) => {
      const match = /HTTP\/1\.[01] (\d{3})[^\r\n]*\r?\n([\s\S]*)$/.exec(part);
      if (!match) return [];
      const rest = match[2]!;
      const end = /\r?\n\r?\n/.exec(rest);
      const body = end ? rest.slice(end.index + end[0].length).trim() : '';
      return [{ status: Number(match[1]), headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }];
    });
}

/**
 * Reads together what belongs together. A part that is not found is undefined.
 * @throws Failure when any other part was refused, or is missing: half a batch is no answer.
 */
export async function readTogether(
  client: SapClient,
  config: SapConfig,
  op: SapOp,
  parts: { path: string; pageSize?: number }[],
): Promise<{ answers: (HttpResponse | undefined)[]; startedMs: number }> {
  const before = client.now();
  const response = await client.call(op, batchRequest(config, parts));
  const answers = batchAnswers(response) ?? [];
  if (answers.length !== parts.length)
    throw new Failure('transient', 'cut-off', `SAP answered ${answers.length} of ${parts.length} reads.`, {
      status: response.status,
    });
  return {
    startedMs: startedMs(client, response, before),
    answers: answers.map((answer) => {
      if (answer.status === 404) return undefined;
      const failure = classify(answer, 'document');
      if (failure) throw failure;
      return answer;
    }),
  };
}
