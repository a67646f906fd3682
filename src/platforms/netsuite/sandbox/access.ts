import { constants, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { oauth1Signature } from '../../../platform/oauth1.ts';
import type { SandboxOptions } from '../../../platform/sandbox.ts';
import { sameSignature } from '../../../platform/signature.ts';
import { record } from '../answer.ts';
import { refusal } from './answers.ts';

const HOUR_MS = 3_600_000;
/** Clocks may differ by this much. */
const SKEW_SECONDS = 300;
const INVALID = refusal(401, 'INVALID_LOGIN', 'Invalid login attempt. For more details, see the Login Audit Trail.');

/** Who may call: bearer tokens by certificate, and token-based authentication by OAuth 1.0a. */
export class Access {
  readonly clientId = 'c1ient000000000000000000000000000000000000000000000000000000c1d';
  readonly certificateId = 'kNMhGSP5sE7rMtQYk2Lz0a1bC3dE4fG5';
  readonly privateKey: string;
  readonly consumerKey = 'ck00000000000000000000000000000000000000000000000000000000aa11';
  readonly consumerSecret = 'cs00000000000000000000000000000000000000000000000000000000bb22';
  readonly tokenId = 'ti00000000000000000000000000000000000000000000000000000000cc33';
  readonly tokenSecret = 'ts00000000000000000000000000000000000000000000000000000000dd44';
  readonly #options: SandboxOptions;
  readonly #account: string;
  #certificate: KeyObject;
  readonly #tokens = new Map<string, { endsAtMs: number; scopes: string[] }>();
  readonly #nonces = new Set<string>();
  #issued = 0;
  #revoked = false;

  constructor(options: SandboxOptions, account: string) {
    this.#options = options;
    this.#account = account;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    this.#certificate = pair.publicKey;
  }

  /** Another certificate is uploaded in place of the first. */
  upload(publicKeyPem: string): void {
    this.#certificate = createPublicKey(publicKeyPem);
  }

  /** The administrator takes the role away from the integration. */
  revoke(): void {
    this.#revoked = true;
  }

  /** A refusal; undefined: may pass. */
  check(request: HttpRequest): HttpResponse | undefined {
    if (this.#revoked) return INVALID;
    const header = request.headers['authorization'] ?? '';
    if (header.startsWith('Bearer ')) return this.#checkBearer(header.slice(7), new URL(request.url));
    if (header.startsWith('OAuth ')) return this.#checkOauth1(request, header.slice(6));
    return INVALID;
  }

  #checkBearer(token: string, url: URL): HttpResponse | undefined {
    const known = this.#tokens.get(token);
    if (!known || known.endsAtMs <= this.#options.clock.now()) return INVALID;
    const scope = url.pathname.startsWith('/app/site/hosting/') ? 'restlets' : 'rest_webservices';
    return known.scopes.includes(scope) ? undefined : INVALID;
  }

  #checkOauth1(request: HttpRequest, text: string): HttpResponse | undefined {
    const pairs = new Map(
      [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decodeURIComponent(value!)]),
    );
    const given = pairs.get('oauth_signature');
    const timestamp = Number(pairs.get('oauth_timestamp'));
    const nonce = `${timestamp} ${pairs.get('oauth_nonce')}`;
    const known =
      pairs.get('realm') === this.#account &&
      pairs.get('oauth_consumer_key') === this.consumerKey &&
      pairs.get('oauth_token') === this.tokenId &&
      pairs.get('oauth_signature_method') === 'HMAC-SHA256' &&
      Math.abs(this.#options.clock.now() / 1000 - timestamp) <= SKEW_SECONDS;
    if (!known || this.#nonces.has(nonce)) return INVALID;
    const url = new URL(request.url);
    const expected = oauth1Signature({
      method: request.method,
      url,
      parameters: [
        ...url.searchParams,
        ...[...pairs].filter(([name]) => name !== 'oauth_signature' && name !== 'realm'),
      ],
      by: 'HMAC-SHA256',
      consumerSecret: this.consumerSecret,
      tokenSecret: this.tokenSecret,
    });
    if (!sameSignature(given, expected)) return INVALID;
    this.#nonces.add(nonce);
    return undefined;
  }

  /** `POST /services/rest/auth/oauth2/v1/token`. */
  issue(request: HttpRequest): HttpResponse {
    const refused = (error: string) => jsonResponse(400, { error });
    const form = new URLSearchParams(bodyText(request));
    if (form.get('grant_type') !== 'client_credentials') return refused('unsupported_grant_type');
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return refused('invalid_request');
    const claims = this.#readAssertion(form.get('client_assertion') ?? '');
    if (!claims || this.#revoked) return refused('invalid_client');
    const scopes = [claims['scope']].flat().filter((scope) => typeof scope === 'string');
    if (scopes.length === 0) return refused('invalid_scope');
    this.#issued += 1;
    const token = `eyJ0.${this.#options.name}.${this.#issued.toString(36).padStart(24, 't')}`;
    this.#tokens.set(token, { endsAtMs: this.#options.clock.now() + HOUR_MS / this.#options.factor, scopes });
    const expires_in = String(Math.max(1, Math.floor(3600 / this.#options.factor)));
    return jsonResponse(200, { access_token: token, expires_in, token_type: 'Bearer' });
  }

  #readAssertion(jwt: string): Record<string, unknown> | undefined {
    const [head, body, signature] = jwt.split('.');
    if (!head || !body || !signature) return undefined;
    let header: Record<string, unknown> | undefined;
    let claims: Record<string, unknown> | undefined;
    try {
      header = record(JSON.parse(Buffer.from(head, 'base64url').toString('utf8')));
      claims = record(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    } catch {
      return undefined;
    }
    const isRsa = this.#certificate.asymmetricKeyType === 'rsa';
    const key = isRsa
      ? {
          key: this.#certificate,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }
      : { key: this.#certificate, dsaEncoding: 'ieee-p1363' as const };
    const nowSeconds = this.#options.clock.now() / 1000;
    const { iat, exp, iss, aud } = claims ?? {};
    const good =
      header?.['kid'] === this.certificateId &&
      header['alg'] === (isRsa ? 'PS256' : 'ES256') &&
      iss === this.clientId &&
      typeof aud === 'string' &&
      aud.endsWith('/services/rest/auth/oauth2/v1/token') &&
      typeof iat === 'number' &&
      typeof exp === 'number' &&
      exp - iat <= 3600 &&
      exp > nowSeconds &&
      iat <= nowSeconds + SKEW_SECONDS &&
      verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
    return good ? claims : undefined;
  }
}
