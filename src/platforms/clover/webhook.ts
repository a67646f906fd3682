import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, sameSignature } from '../../platform/signature.ts';
import { record } from './api.ts';
import type { CloverConfig } from './config.ts';

export const AUTH_HEADER = 'x-clover-auth';

const EVENTS = 'events';
const VERIFICATION = 'verification';

/**
 * `X-Clover-Auth` is the same text in every message, and nothing of the body is signed: it keeps strangers out, and proves
 * no word of what is said. Clover's one message without it, sent while somebody sets the address up, carries a code for a
 * person: it is kept and shown as long as no auth code is set, and changes nothing.
 */
export function verify(delivery: Delivery, config: CloverConfig): Verdict {
  const given = delivery.headers[AUTH_HEADER]?.trim();
  const secret = config.webhookSecret;
  if (!given && verificationCode(delivery))
    return secret ? { verdict: 'handshake', reply: { status: 200 } } : { verdict: 'ok', topic: VERIFICATION };
  if (!secret)
    return refused(
      'no-secret',
      'No Clover Auth Code is set. Copy it from Developer Dashboard > your app > App Settings > Webhooks into this channel’s settings.',
    );
  if (!given)
    return refused('no-signature', `The header ${AUTH_HEADER} is missing: this did not come from Clover itself.`);
  if (!sameSignature(given, secret))
    return refused(
      'bad-signature',
      `${AUTH_HEADER} is another code. Compare Developer Dashboard > your app > App Settings > Webhooks with this channel’s settings.`,
    );
  return { verdict: 'ok', topic: EVENTS };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `{"verificationCode":"<uuid>"}` and not a member more: nothing else gets in without the auth code. */
function verificationCode(delivery: Delivery): string | undefined {
  if (delivery.body.byteLength > 200) return undefined;
  const body = bodyOf(delivery);
  const code = body?.['verificationCode'];
  return body && Object.keys(body).length === 1 && typeof code === 'string' && UUID.test(code) ? code : undefined;
}

function bodyOf(delivery: Delivery): Record<string, unknown> | undefined {
  try {
    return record(readJson(bodyText(delivery)));
  } catch {
    return undefined;
  }
}

/** Untrusted. One address serves every merchant of an app; a message about several of them is anybody's of that app. */
export function accountOf(delivery: Delivery): string | undefined {
  const merchants = Object.keys(record(bodyOf(delivery)?.['merchants']) ?? {});
  return merchants.length === 1 ? merchants[0] : undefined;
}

const entry = z.object({ objectId: z.string(), type: z.string() });
const message = z.object({ merchants: z.record(z.string(), z.array(entry)) });

/**
 * Entries of every merchant to hints; each names its own. Payments (`P`) name no order, and Clover updates the order with
 * each of them (`O`), so the order's own entry is what is followed.
 * @throws Error when the body is not a message of Clover's; and for a verification code, so that it is kept and shown.
 */
export function decode(delivery: Delivery, topic: string): Signal[] {
  if (topic === VERIFICATION)
    throw new Error(
      `Clover’s verification code is ${verificationCode(delivery) ?? 'missing'}: enter it in Developer Dashboard > your app > App Settings > Webhooks and choose Verify.`,
    );
  if (topic !== EVENTS) return [];
  const { merchants } = message.parse(readJson(bodyText(delivery)));
  const signals: Signal[] = [];
  const told = new Set<string>();
  for (const [account, entries] of Object.entries(merchants))
    for (const one of entries)
      for (const signal of signalsOf(account, one)) {
        // One sale makes several entries about one order.
        const key = JSON.stringify(signal);
        if (!told.has(key)) signals.push(signal);
        told.add(key);
      }
  return signals;
}

function signalsOf(account: string, { objectId, type }: z.infer<typeof entry>): Signal[] {
  const [, kind, id] = /^([A-Z]{1,3}):(\S+)$/.exec(objectId) ?? [];
  if (kind === undefined || id === undefined) return [];
  switch (kind) {
    case 'O':
      return [{ kind: 'document-changed', account, doc: `order:${id}` }];
    // Until Clover has split the topic, `I` is sent for counts too. Their own topics name the count: it is not believed.
    case 'I':
      return type === 'UPDATE'
        ? [{ kind: 'dirty', account, stockKey: id, location: null }]
        : [{ kind: 'listing-changed', account, listing: id }];
    case 'IS':
    case 'IA':
      return [{ kind: 'dirty', account, stockKey: id, location: null }];
    case 'A':
      return type === 'DELETE'
        ? [
            {
              kind: 'access-lost',
              account,
              why: 'The merchant removed the app from Clover. Ask them to install it again.',
            },
          ]
        : [];
    default:
      return [];
  }
}
