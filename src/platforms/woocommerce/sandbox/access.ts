import type { HttpRequest } from '../../../platform/http.ts';
import { oauthSignature } from '../oauth.ts';
import { Refusal } from './answers.ts';
import type { Shop } from './shop.ts';

/** WooCommerce keeps nonces for a quarter of an hour and takes no older request. */
const WINDOW_S = 15 * 60;

const denied = (message: string): Refusal => new Refusal(401, 'woocommerce_rest_authentication_error', message);

/** Who may come in: Basic or the key in the address over https, OAuth 1.0a over plain http and nothing else there. */
export class Access {
  readonly #nonces = new Map<string, number>();

  constructor(private readonly shop: Shop) {}

  /** @throws Refusal as WooCommerce words it */
  admit(request: HttpRequest, url: URL): void {
    const { key } = this.shop;
    const safe = url.protocol === 'https:' || request.headers['x-forwarded-proto'] === 'https';
    const name = safe ? this.#basic(request, url) : this.#oauth(request, url);
    if (name === undefined) throw new Refusal(401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.');
    if (
      key.permission === 'read' &&
      request.method !== 'GET' &&
      request.method !== 'HEAD' &&
      request.method !== 'OPTIONS'
    )
      throw denied('The API key provided does not have write permissions.');
  }

  #basic({ headers }: HttpRequest, url: URL): string | undefined {
    const basic = /^Basic (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
    const [name, secret] = basic
      ? Buffer.from(basic, 'base64').toString('utf8').split(':')
      : [url.searchParams.get('consumer_key') ?? undefined, url.searchParams.get('consumer_secret') ?? undefined];
    if (!name) return undefined;
    this.#known(name);
    if (secret !== this.shop.key.consumerSecret) throw denied('Consumer secret is invalid.');
    return name;
  }

  #oauth(request: HttpRequest, url: URL): string | undefined {
    const query = url.searchParams;
    const name = query.get('oauth_consumer_key');
    if (name === null) return undefined;
    for (const needed of ['oauth_timestamp', 'oauth_nonce', 'oauth_signature', 'oauth_signature_method'])
      if (!query.get(needed)) throw denied(`Missing OAuth parameter ${needed}`);
    this.#known(name);
    if (query.get('oauth_signature_method') !== 'HMAC-SHA256')
      throw denied('Invalid signature - signature method is invalid.');
    if (query.get('oauth_signature') !== oauthSignature(request.method, url, this.shop.key.consumerSecret))
      throw denied('Invalid signature - provided signature does not match.');
    this.#once(Number(query.get('oauth_timestamp')), query.get('oauth_nonce')!);
    return name;
  }

  #once(timestamp: number, nonce: string): void {
    const now = Math.floor(this.shop.options.clock.now() / 1000);
    if (!(Math.abs(now - timestamp) <= WINDOW_S)) throw denied('Invalid timestamp.');
    if (this.#nonces.has(nonce)) throw denied('Invalid nonce - nonce has already been used.');
    this.#nonces.set(nonce, timestamp);
    if (this.#nonces.size > 50_000)
      for (const [old, at] of this.#nonces) if (at < now - WINDOW_S) this.#nonces.delete(old);
  }

  #known(name: string): void {
    const { key } = this.shop;
    if (key.revoked || name !== key.consumerKey) throw denied('Consumer key is invalid.');
  }
}
