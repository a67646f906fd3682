import type { Delivery } from '../../platform/contract.ts';
import { type Refused, refused, sameSignature } from '../../platform/signature.ts';
import { standardKey, standardSignature } from '../../platform/standard-webhooks.ts';

/** Standard Webhooks: how far the signed time may be from ours, either way. */
const TOLERANCE_MS = 5 * 60_000;

/** More signatures than a change of secrets needs are somebody's experiment. */
const SIGNATURES_MAX = 16;

/**
 * Is this request signed with the secret, and now? Total, constant time in what is compared. While the sender changes its
 * secret it may sign with both (signatures separated by spaces): one that fits is enough.
 * @returns undefined when authentic.
 */
export function refusal(
  { headers, body }: Pick<Delivery, 'headers' | 'body'>,
  secret: string | undefined,
  now: number,
): Refused | undefined {
  const key = standardKey(secret);
  if (key.length === 0)
    return refused('no-secret', "No signing secret is set. Put a whsec_… secret into this channel's settings.");
  const given = headers['webhook-signature']?.trim();
  if (!given) return refused('no-signature', 'The header webhook-signature is missing. See Standard Webhooks.');
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (!id || id.length > 256 || !timestamp || !/^\d{1,12}$/.test(timestamp))
    return refused(
      'malformed',
      'webhook-id and webhook-timestamp (seconds since 1970) are needed beside the signature.',
    );
  const expected = `v1,${standardSignature(key, id, timestamp, body)}`;
  let good = false;
  for (const one of given.split(' ').slice(0, SIGNATURES_MAX)) if (sameSignature(one, expected)) good = true;
  if (!good)
    return refused(
      'bad-signature',
      'webhook-signature does not fit: sign "webhook-id.webhook-timestamp.body" over the very bytes that are sent, with the bytes behind whsec_ (base64-decoded) as the key.',
    );
  const offMs = now - Number(timestamp) * 1000;
  if (Math.abs(offMs) > TOLERANCE_MS)
    return refused(
      'stale',
      `webhook-timestamp is ${Math.round(Math.abs(offMs) / 1000)} seconds ${offMs > 0 ? 'old' : 'ahead'}, more than 300: sign each attempt anew with the time it is sent, and set the clock by NTP.`,
    );
  return undefined;
}
