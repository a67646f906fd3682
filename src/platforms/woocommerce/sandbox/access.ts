import type { HttpRequest } from '../../../platform/http.ts';
import { Refusal } from './answers.ts';
import { oauthClaim } from './oauth-check.ts';
import type { Shop } from './shop.ts';

/** WooCommerce keeps nonces for a quarter of an hour and takes no older request. */
const WINDOW_S = 15 * 60;

const denied = (message: string, code = 'woocommerce_rest_authentication_error'): Refusal =>
  new Refusal(401, code, message);

/** Who may come in: Basic or the key in the address over https, OAuth 1.0a over plain http and nothing else there. */
export class Access {
  readonly #nonces = new Map<string, number>();

  constructor(private readonly shop: Shop) {}

  /** @throws Refusal as WooCommerce words it */
  admit(request: HttpRequest, url: URL): void {
    const { permission } = this.shop.key;
    if (!this.#isKnown(request, url)) throw stranger(request.method, url);
    const reads = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (permission === 'read' && !reads) throw denied('The API key provided does not have write permissions.');
  }

  #isKnown(request: HttpRequest, url: URL): boolean {
    // Up to 11.0 a key is looked at only where the address holds the API's path, whatever `rest_route` says.
    if (!`${url.pathname}${url.search}`.includes('wp-json/wc/')) return false;
    const safe = url.protocol === 'https:' || request.headers['x-forwarded-proto'] === 'https';
    return (safe && this.#basic(request, url)) || this.#oauth(request, url);
  }

  /** The key in the address comes first. An unknown key is nobody; a wrong secret is told. */
  #basic({ headers }: HttpRequest, url: URL): boolean {
    const { key } = this.shop;
    const query = url.searchParams;
    const basic = /^Basic (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
    const pair = Buffer.from(basic ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const inQuery = query.get('consumer_key') && query.get('consumer_secret');
    const [name, secret] = inQuery ? [query.get('consumer_key'), query.get('consumer_secret')] : pair;
    if (!name || !secret || key.revoked || name !== key.consumerKey) return false;
    if (secret !== key.consumerSecret) throw denied('Consumer secret is invalid.');
    return true;
  }

  #oauth(request: HttpRequest, url: URL): boolean {
    const { key } = this.shop;
    const claim = oauthClaim(request.method, url);
    if (claim === undefined) return false;
    if (typeof claim === 'string') throw denied(claim, 'woocommerce_rest_authentication_missing_parameter');
    if (key.revoked || claim.consumerKey !== key.consumerKey) throw denied('Consumer key is invalid.');
    const fault = claim.fault(key.consumerSecret);
    if (fault) throw denied(fault);
    this.#once(claim.timestamp, claim.nonce);
    return true;
  }

  #once(timestamp: number, nonce: string): void {
    const now = Math.floor(this.shop.options.clock.now() / 1000);
    if (!(Math.abs(now - timestamp) <= WINDOW_S)) throw denied('Invalid timestamp.');
    if (this.#nonces.has(nonce)) throw denied('Invalid nonce - nonce has already been used.');
    this.#nonces.set(nonce, timestamp);
    if (this.#nonces.size > 50_000)
      for (const [old, at] of this.#nonces) if (at < now - WINDOW_S) this.#nonces.delete(old);
  }
}

/** What somebody without a key is told depends on what he wanted. */
function stranger(method: HttpRequest['method'], url: URL): Refusal {
  const path = url.searchParams.get('rest_route') ?? url.pathname;
  if (path.endsWith('/batch'))
    return denied('Sorry, you are not allowed to batch manipulate this resource.', 'woocommerce_rest_cannot_batch');
  const one = /\/\d+$/.test(path);
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')
    return denied(
      `Sorry, you cannot ${one ? 'view this resource' : 'list resources'}.`,
      'woocommerce_rest_cannot_view',
    );
  if (method === 'DELETE')
    return denied('Sorry, you are not allowed to delete this resource.', 'woocommerce_rest_cannot_delete');
  return one
    ? denied('Sorry, you are not allowed to edit this resource.', 'woocommerce_rest_cannot_edit')
    : denied('Sorry, you are not allowed to create resources.', 'woocommerce_rest_cannot_create');
}
