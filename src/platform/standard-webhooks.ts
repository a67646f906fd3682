import { hmac } from './signature.ts';

/** The bytes behind `whsec_…`; empty when there is no usable secret. */
export const standardKey = (secret: string | undefined): Buffer =>
  Buffer.from((secret ?? '').trim().replace(/^whsec_/, ''), 'base64');

/** Standard Webhooks' signature of a message, without the "v1," before it. */
export const standardSignature = (key: Uint8Array, id: string, timestamp: string, body: string | Uint8Array): string =>
  hmac('sha256', key, [`${id}.${timestamp}.`, body], 'base64');

/**
 * The three headers of Standard Webhooks for a body.
 * @param id unique per message; an attempt to send it again keeps it.
 * @param atMs when this attempt is made, milliseconds since 1970.
 */
export function signedHeaders(
  secret: string | undefined,
  id: string,
  atMs: number,
  body: string | Uint8Array,
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${standardSignature(standardKey(secret), id, timestamp, body)}`,
  };
}
