import { createHmac } from 'node:crypto';

/** PHP's rawurlencode, and WooCommerce's own on top of it: RFC 3986. */
const rawEncode = (text: string): string =>
  [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** `$_GET`: the last of two parameters with one name wins, a plus is a space. */
function phpQuery(query: string): Map<string, string> {
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text.replaceAll('+', ' '));
    } catch {
      return text;
    }
  };
  const pairs = new Map<string, string>();
  for (const piece of query.replace(/^\?/, '').split('&')) {
    if (!piece) continue;
    const at = piece.indexOf('=');
    pairs.set(decode(at < 0 ? piece : piece.slice(0, at)), at < 0 ? '' : decode(piece.slice(at + 1)));
  }
  return pairs;
}

const NEEDED = ['oauth_consumer_key', 'oauth_timestamp', 'oauth_nonce', 'oauth_signature', 'oauth_signature_method'];

export interface OAuthClaim {
  consumerKey: string;
  timestamp: number;
  nonce: string;
  /** What is wrong with the signature, in WooCommerce's words. */
  fault(consumerSecret: string): string | undefined;
}

/**
 * What a request claims of itself, as the store reads it (includes/class-wc-rest-authentication.php): written from the
 * server's side and sharing nothing with the connector's signing, so that each is held against the other.
 * @returns undefined: it does not even try · text: the parameters that are missing
 */
export function oauthClaim(method: string, url: URL): OAuthClaim | string | undefined {
  const params = phpQuery(url.search);
  const missing = NEEDED.filter((name) => !params.get(name));
  if (missing.length === NEEDED.length) return undefined;
  if (missing.length > 0) return `Missing OAuth parameter${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`;
  return {
    consumerKey: params.get('oauth_consumer_key')!,
    timestamp: Number(params.get('oauth_timestamp')),
    nonce: params.get('oauth_nonce')!,
    fault: (secret) => {
      const kind = params.get('oauth_signature_method')!;
      if (kind !== 'HMAC-SHA256' && kind !== 'HMAC-SHA1') return 'Invalid signature - signature method is invalid.';
      // WordPress takes its own path off the address and puts it on again: a bare "/" is lost on the way.
      const path = url.pathname === '/' ? '' : url.pathname;
      const signed = [...params].filter(([name]) => name !== 'oauth_signature');
      const text = signed
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map(([name, value]) => rawEncode(`${rawEncode(name)}=${rawEncode(value)}`))
        .join('%26');
      const base = `${method}&${rawEncode(`${url.protocol}//${url.host}${path}`)}&${text}`;
      const algorithm = kind === 'HMAC-SHA1' ? 'sha1' : 'sha256';
      const expected = createHmac(algorithm, `${secret}&`).update(base).digest('base64');
      const given = params.get('oauth_signature')!.replaceAll(' ', '+');
      return given === expected ? undefined : 'Invalid signature - provided signature does not match.';
    },
  };
}
