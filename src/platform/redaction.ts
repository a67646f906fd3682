import type { z } from 'zod';
import { HIDDEN, secretTexts } from './config.ts';
import { Failure } from './failure.ts';
import { bodyText, type HttpRequest, type HttpResponse } from './http.ts';

/**
 * Header, query, form and JSON names whose value is a secret whoever issued it: tokens in answers are in no config yet.
 * Bounded, so that a megabyte of letters costs no more than it has letters.
 */
const NAME =
  '[\\w.-]{0,40}(?:authorization|token|secret|passw(?:or)?d|passphrase|api[_-]?key|consumer[_-]?key|private[_-]?key|signature|cookie|session(?:[_-]?id)?|credential|hmac)[\\w.-]{0,40}';
const isSecretName = new RegExp(`^(?:${NAME}|x-auth[\\w-]*)$`, 'i');
/** Counters and times that only sound secret. */
const harmless =
  /(?:count|limit|remaining|type|expires(?:[_-]?in|[_-]?at)?|method|version)$|^(?:next|page|continuation|pagination)[_-]?token$/i;
const namedValue: [RegExp, string][] = [
  // JSON: "access_token":"…"
  [new RegExp(`("(${NAME})"\\s*:\\s*")((?:[^"\\\\]|\\\\.)*)(")`, 'gi'), `$1${HIDDEN}$4`],
  // JSON inside a JSON text: \"access_token\":\"…\"
  [new RegExp(`(\\\\"(${NAME})\\\\"\\s*:\\s*\\\\")((?:(?!\\\\").)*)(\\\\")`, 'gi'), `$1${HIDDEN}$4`],
  // XML: <SessionToken>…</SessionToken>
  [new RegExp(`(<(?:\\w+:)?(${NAME})(?:\\s[^>]*)?>)([^<]+)(</)`, 'gi'), `$1${HIDDEN}$4`],
  // Form, query and OAuth header: access_token=…, oauth_signature="…"
  [new RegExp(`(^|[?&;,\\s])((${NAME})=)("?)([^&;,\\s"']+)`, 'gim'), `$1$2$4${HIDDEN}`],
];

export interface Redaction {
  text(text: string): string;
  /** Headers by name, address and body by name and by the config's own secrets. */
  request(request: HttpRequest): { method: string; url: string; headers: Record<string, string>; body: string };
  response(response: HttpResponse): { status: number; headers: Record<string, string>; body: string };
}

/**
 * Takes secrets out of whatever is logged, recorded or thrown: the texts of the configs' secret settings in every
 * spelling they travel in, and values whose name says that they are secret.
 * @param configs the current one and, around a renewal, the one before.
 */
export function redaction(schema: z.ZodType, configs: readonly unknown[]): Redaction {
  const spellings = new Set<string>();
  for (const config of configs) for (const secret of secretTexts(schema, config)) addSpellings(secret, spellings);
  // The longest first: a secret may hold another.
  const known = [...spellings].sort((a, b) => b.length - a.length);
  const text = (given: string): string => {
    let clean = given;
    // Names first: a secret that is part of a name ("tok") would hide the name.
    for (const [pattern, by] of namedValue)
      clean = clean.replace(pattern, (...found: (string | undefined)[]) => replaced(found, by));
    for (const secret of known) clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  };
  const headers = (given: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, isSecretName.test(name) ? HIDDEN : text(value)]),
    );
  return {
    text,
    request: (request) => ({
      method: request.method,
      url: text(request.url.replace(/\/\/[^/@]+@/, `//${HIDDEN}@`)),
      headers: headers(request.headers),
      body: text(bodyText(request)),
    }),
    response: (response) => ({
      status: response.status,
      headers: headers(response.headers),
      body: text(bodyText(response)),
    }),
  };
}

function replaced(found: (string | undefined)[], by: string): string {
  const whole = found[0]!;
  const name = found.slice(1).find((group) => group !== undefined && new RegExp(`^${NAME}$`, 'i').test(group));
  if (name !== undefined && harmless.test(name)) return whole;
  return by.replace(/\$(\d)/g, (_, digit: string) => found[Number(digit)] ?? '');
}

function addSpellings(secret: string, into: Set<string>): void {
  const base64 = Buffer.from(secret).toString('base64');
  for (const spelling of [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
  ])
    if (spelling !== '') into.add(spelling);
}

/** The same failure with clean texts. What caused it keeps its message alone: whole objects carry requests with them. */
export function cleanFailure(failure: Failure, clean: Redaction, retryAfterMs = failure.retryAfterMs): Failure {
  const cause = failure.cause instanceof Error ? new Error(clean.text(failure.cause.message)) : undefined;
  return new Failure(failure.failure, failure.code, clean.text(failure.message), {
    status: failure.status,
    platformCode: failure.platformCode === undefined ? undefined : clean.text(failure.platformCode),
    retryAfterMs,
    cause,
  });
}
