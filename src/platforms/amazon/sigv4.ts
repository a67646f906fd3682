import { createHash, createHmac } from 'node:crypto';
import { bodyText, type HttpRequest } from '../../platform/http.ts';

export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  service: string;
}

/** Proxies rewrite these; AWS's own SDKs leave them out too. */
const UNSIGNED = new Set(['authorization', 'user-agent', 'accept', 'connection', 'content-length']);

/**
 * AWS Signature Version 4 in the Authorization header, over host, x-amz-date and
 * the request's own headers.
 * Repeatable: the time comes in. Source: AWS General Reference, "Create a signed AWS API request"; held against the
 * cases of AWS's own test suite.
 */
export function signV4(request: HttpRequest, key: AwsKey, now: number): HttpRequest {
  const url = new URL(request.url);
  const stamp = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const headers: Record<string, string> = { ...request.headers, host: url.host, 'x-amz-date': stamp };
  const names = Object.keys(headers)
    .filter((name) => !UNSIGNED.has(name))
    .sort();
  const signed = names.join(';');
  const scope = `${stamp.slice(0, 8)}/${key.region}/${key.service}/aws4_request`;
  const canonical = [
    request.method,
    canonicalPath(url),
    canonicalQuery(url),
    ...names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    sha256(request.body ?? ''),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const signature = mac(signingKey(key, stamp.slice(0, 8)), text).toString('hex');
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  return { ...request, headers };
}

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

const mac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const signingKey = (key: AwsKey, day: string): Buffer =>
  mac(mac(mac(mac(`AWS4${key.secretAccessKey}`, day), key.region), key.service), 'aws4_request');

/** Encoded once as it stands in the URL and once more for the signature, as every service but S3 wants it. */
const canonicalPath = (url: URL): string => url.pathname.split('/').map(strict).join('/');

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => [strict(name), strict(value)] as const);
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Is this request signed with this key, at most 15 minutes ago? For stand-ins that play AWS.
 * @returns why not, in AWS's own code; undefined when it is.
 */
export function refuseV4(request: HttpRequest, key: AwsKey, now: number): string | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers['authorization'] ?? '',
    );
  if (!match) return 'MissingAuthenticationToken';
  const [, accessKeyId, , signedNames] = match;
  if (accessKeyId !== key.accessKeyId) return 'InvalidClientTokenId';
  const at = readStamp(request.headers['x-amz-date']);
  if (at === undefined || Math.abs(at - now) > 900_000) return 'RequestExpired';
  const names = signedNames!.split(';');
  if (!names.includes('host')) return 'SignatureDoesNotMatch';
  const url = new URL(request.url);
  // Behind a redirect the host that was meant, and signed, travels in a header of its own.
  url.host = request.headers['host'] ?? url.host;
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name] ?? '']));
  const again = signV4({ ...request, url: url.href, headers, body: bodyText(request) }, key, at);
  return again.headers['authorization'] === request.headers['authorization']?.replace(/,(?=\S)/g, ', ')
    ? undefined
    : 'SignatureDoesNotMatch';
}

function readStamp(stamp: string | undefined): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp ?? '');
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}
