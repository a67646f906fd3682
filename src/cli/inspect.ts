import { Command } from 'commander';
import { UserError } from '../engine/user-error.ts';
import type { Delivery } from '../platform/contract.ts';
import { everyPlatform } from '../platforms/index.ts';
import { realClock } from '../runtime/clock.ts';
import { readGiven, readJsonGiven } from './json-file.ts';

/** inspect <platform> FILE.http: what Onhand makes of one recorded webhook. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .argument('<platform>')
    .argument('<file>', 'a raw request: request line, headers, an empty line, the body')
    .description('What Onhand makes of one recorded webhook, as JSON.')
    .option('--config <file>', 'JSON with the settings that verifying needs (webhookSecret …)')
    .action((id: string, file: string, options: { config?: string }) => {
      const platform = everyPlatform.find((one) => one.facts.id === id);
      if (!platform)
        throw new UserError('unknown-platform', `There is no platform "${id}".`, 'See "onhand platforms".');
      const now = realClock.now();
      const delivery = parseHttp(readGiven(file), new Date(now).toISOString());
      const config = options.config ? readJsonGiven(options.config) : {};
      const verdict = platform.verify(delivery, { account: 'inspected', ...config }, now);
      const ok = verdict.verdict !== 'refused';
      const result: Record<string, unknown> = {
        verdict: ok ? { ok, kind: verdict.verdict } : { ok, why: verdict.why, say: verdict.say },
        topic: verdict.verdict === 'ok' ? verdict.topic : null,
        signals: [],
      };
      if (verdict.verdict === 'ok')
        try {
          result['signals'] = platform.decode(delivery, verdict.topic, { account: 'inspected', ...config });
        } catch (error) {
          result['undecodable'] = (error as Error).message;
        }
      console.log(JSON.stringify(result, null, 2));
      if (!ok) process.exitCode = 1;
    });
}

/** A raw HTTP/1.1 request; line ends of the head may be LF or CRLF, the body's bytes are kept as they are. */
function parseHttp(bytes: Buffer, receivedAt: string): Delivery {
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  const useCrlf = crlf >= 0 && (lf < 0 || crlf < lf);
  const end = useCrlf ? crlf : lf;
  const head = bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
  const [requestLine = '', ...lines] = head.split(/\r?\n/);
  const [method = '', path = ''] = requestLine.split(' ');
  if (!/^[A-Z]+$/.test(method) || path === '')
    throw new UserError(
      'not-http',
      'The file does not begin with a request line.',
      'It should begin like "POST /hooks/NAME HTTP/1.1".',
    );
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + (useCrlf ? 4 : 2));
  const length = Number(headers['content-length']);
  return { method, path, headers, body: Number.isInteger(length) ? body.subarray(0, length) : body, receivedAt };
}
