import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import { type HttpRequest, jsonRequest } from '../../platform/http.ts';
import { readAnswer } from './answer.ts';
import { apiUrl, type SapClient } from './api.ts';
import type { SapConfig } from './config.ts';

/** The session's cookies, on every call but the login. */
export function authorize(request: HttpRequest, config: SapConfig): HttpRequest {
  if (new URL(request.url).pathname.endsWith('/Login') || !config.session) return request;
  return { ...request, headers: { ...request.headers, cookie: config.session } };
}

/**
 * A session lives for some minutes after its last call, so it surely does so after its login; nobody is to be told how
 * long it lives beyond. Without one there is nothing to call with.
 */
export const expiresAt = (config: SapConfig): number => (config.session ? (config.sessionEndsAtMs ?? 0) : 0);

const answer = z.object({ SessionId: z.string().min(1), SessionTimeout: z.number().positive().nullish() });

/**
 * Logs in. One session serves all calls of the company: a login for each would use up the server. The old one is not
 * logged out, because calls may be under way with it; it ends by itself.
 * A call that SAP refuses with 401 did nothing, so whatever it was, a posting too, is sent again with the new session.
 */
export async function renew(client: SapClient, config: SapConfig): Promise<SapConfig> {
  const askedAt = client.now();
  const body = { CompanyDB: config.account, UserName: config.userName, Password: config.password };
  const response = await client.call('login', jsonRequest('POST', apiUrl(config, '/Login'), body));
  const parsed = answer.safeParse(readAnswer(response));
  if (!parsed.success)
    throw new Failure('auth', 'no-session', 'SAP answered the login without a session.', { status: response.status });
  const { SessionId, SessionTimeout } = parsed.data;
  // Behind a load balancer the session lives in one of several processes.
  const route = /(?:^|[\s,;])ROUTEID=([^;,\s]+)/i.exec(response.headers['set-cookie'] ?? '')?.[1];
  return {
    ...config,
    session: `B1SESSION=${SessionId}${route ? `; ROUTEID=${route}` : ''}`,
    sessionEndsAtMs: askedAt + (SessionTimeout ?? 30) * 60_000,
  };
}
