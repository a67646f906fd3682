import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { Failure } from '../../platform/failure.ts';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * The JWT that proves, with the private key of an uploaded certificate, who asks for a token (RFC 7523). RSA keys sign
 * PS256, the one RSA algorithm that NetSuite still takes; keys on P-256 sign ES256.
 * Signed with node:crypto and not with jose, whose promises a replayed clock cannot wait for; jose holds it right in the
 * tests.
 * @throws Failure `auth` when the key is none.
 */
export function clientAssertion(claims: {
  clientId: string;
  certificateId: string;
  privateKey: string;
  audience: string;
  scopes: string[];
  nowMs: number;
}): string {
  const key = keyOf(claims.privateKey);
  const isRsa = key.asymmetricKeyType === 'rsa';
  const issuedAt = Math.floor(claims.nowMs / 1000);
  const header = { typ: 'JWT', alg: isRsa ? 'PS256' : 'ES256', kid: claims.certificateId };
  const payload = {
    iss: claims.clientId,
    scope: claims.scopes.length === 1 ? claims.scopes[0] : claims.scopes,
    aud: claims.audience,
    iat: issuedAt,
    exp: issuedAt + 300,
  };
  const signed = `${base64url(header)}.${base64url(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key,
    ...(isRsa
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { dsaEncoding: 'ieee-p1363' as const }),
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function keyOf(pem: string): KeyObject {
  const wrong = (message: string) => new Failure('auth', 'bad-private-key', message);
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw wrong('The private key cannot be read: paste the PEM file without a passphrase into the settings.');
  }
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (key.asymmetricKeyType !== 'rsa' && !isP256)
    throw wrong('NetSuite takes RSA keys of 3072 or 4096 bits and EC keys on P-256: make a new certificate.');
  return key;
}
