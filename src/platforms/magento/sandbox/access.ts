import type { HttpRequest } from '../../../platform/http.ts';
import { oauth1Signature } from '../../../platform/oauth1.ts';
import { sameSignature } from '../../../platform/signature.ts';
import { signedAddress } from '../request.ts';
import { Refusal } from './answers.ts';
import type { State } from './state.ts';

/** Magento takes no request whose time is further away. */
const WINDOW_S = 600;

const RESOURCES: [RegExp, string][] = [
  [/^\/V1\/(orders|shipments|creditmemos)/, 'Magento_Sales::actions_view'],
  [/^\/V1\/products/, 'Magento_Catalog::products'],
  [/^\/V1\/stock(Items|Statuses)/, 'Magento_Catalog::catalog_inventory'],
  [/^\/V1\/inventory\/(export|get-product)/, 'Magento_InventorySalesApi::stock'],
  [/^\/V1\/inventory\/stocks/, 'Magento_InventoryApi::stock'],
  [/^\/V1\/inventory/, 'Magento_InventoryApi::source'],
];

const denied = (path: string, resource?: string): Refusal =>
  new Refusal(401, "The consumer isn't authorized to access %resources.", {
    resources: resource ?? RESOURCES.find(([pattern]) => pattern.test(path))?.[1] ?? 'Magento_Backend::all',
  });

/** Who may come in: signed by OAuth 1.0a with HMAC-SHA256, or the token alone where the shop allows that. */
export class Access {
  readonly #nonces = new Map<string, number>();

  constructor(private readonly state: State) {}

  /** @throws Refusal as Magento words it */
  admit(request: HttpRequest, path: string): void {
    const { state } = this;
    const header = request.headers['authorization'] ?? '';
    if (state.revoked) throw denied(path);
    if (/^Bearer /i.test(header)) {
      if (!state.bearerAllowed || header.slice(7) !== state.keys.accessToken) throw denied(path);
    } else if (/^OAuth /i.test(header)) this.#oauth(request, header);
    else throw denied(path);
    const writes = request.method !== 'GET';
    if (writes && !state.mayWrite) throw denied(path, 'Magento_InventoryApi::stock_source_item_assign');
  }

  #oauth(request: HttpRequest, header: string): void {
    const { keys, options } = this.state;
    const members = new Map(
      [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, decodeURIComponent(value!)]),
    );
    for (const name of ['consumer_key', 'nonce', 'signature', 'signature_method', 'timestamp', 'token'])
      if (!members.get(`oauth_${name}`))
        throw new Refusal(400, '"%fieldName" is required. Enter and try again.', { fieldName: `oauth_${name}` });
    if (members.get('oauth_signature_method') !== 'HMAC-SHA256')
      throw new Refusal(400, 'Signature method %1 is not supported', [members.get('oauth_signature_method')!]);
    if (members.get('oauth_consumer_key') !== keys.consumerKey || members.get('oauth_token') !== keys.accessToken)
      throw new Refusal(401, 'A consumer with the ID %1 does not exist', ['0']);
    const url = signedAddress(request.url);
    const expected = oauth1Signature({
      method: request.method,
      url,
      parameters: [...url.searchParams, ...members].filter(([name]) => name !== 'oauth_signature' && name !== 'realm'),
      by: 'HMAC-SHA256',
      consumerSecret: keys.consumerSecret,
      tokenSecret: keys.accessTokenSecret,
    });
    if (!sameSignature(members.get('oauth_signature'), expected))
      throw new Refusal(401, 'The signature is invalid. Verify and try again.');
    const second = Number(members.get('oauth_timestamp'));
    const now = Math.floor(options.clock.now() / 1000);
    if (!(Math.abs(now - second) <= WINDOW_S))
      throw new Refusal(401, 'The timestamp value in the oauth_timestamp parameter is invalid.');
    const nonce = members.get('oauth_nonce')!;
    if (this.#nonces.has(nonce))
      throw new Refusal(401, 'The nonce is already being used by the consumer with ID %1.', ['1']);
    this.#nonces.set(nonce, second);
    if (this.#nonces.size > 50_000)
      for (const [old, at] of this.#nonces) if (at < now - WINDOW_S) this.#nonces.delete(old);
  }
}
