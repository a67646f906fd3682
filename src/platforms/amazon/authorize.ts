import type { HttpRequest } from '../../platform/http.ts';
import { apiBase, tokenUrl, USER_AGENT } from './address.ts';
import { type AmazonConfig, queueOf } from './config.ts';
import { signV4 } from './sigv4.ts';

/**
 * Three doors, three keys, chosen by where the request goes: the token call carries its own, SQS wants AWS's signature,
 * the Selling Partner API wants the access token (unless the request brings a grantless one). No key is ever given to
 * an address that is none of the three.
 */
export function authorize(request: HttpRequest, config: AmazonConfig, now: number): HttpRequest {
  const named = { ...request, headers: { 'user-agent': USER_AGENT, ...request.headers } };
  if (request.url === tokenUrl(config)) return named;
  const queue = queueOf(config);
  if (request.headers['x-amz-target']?.startsWith('AmazonSQS.')) {
    if (!queue || !sameOrigin(request.url, queue.url)) return named;
    return signV4(named, { ...queue, service: 'sqs' }, now);
  }
  if (!sameOrigin(request.url, apiBase(config)) || !config.accessToken) return named;
  return { ...named, headers: { 'x-amz-access-token': config.accessToken, ...named.headers } };
}

const sameOrigin = (a: string, b: string): boolean => URL.canParse(a) && new URL(a).origin === new URL(b).origin;
