import { z } from 'zod';
import { Failure } from '../../platform/failure.ts';
import type { HttpRequest } from '../../platform/http.ts';
import { ask, type CloverClient } from './api.ts';
import { apiHost, type CloverConfig } from './config.ts';

const REFRESH_PATH = '/oauth/v2/refresh';
/** Compulsory on every call since April 2026. */
const USER_AGENT = 'Onhand/1.0';

/** Bearer token on every call but the token call, which proves itself by its body. */
export function authorize(request: HttpRequest, config: CloverConfig): HttpRequest {
  const headers = { ...request.headers, 'user-agent': USER_AGENT };
  if (new URL(request.url).pathname === REFRESH_PATH) return { ...request, headers };
  return { ...request, headers: { ...headers, authorization: `Bearer ${config.accessToken}` } };
}

/** An API token does not end; nor is one of unknown end renewed unasked, because a refresh token works once. */
export const expiresAt = (config: CloverConfig): number | undefined =>
  config.refreshToken ? config.accessTokenEndsAtMs : undefined;

const seconds = z.number().positive().nullish();
const answer = z.object({
  access_token: z.string().min(1),
  access_token_expiration: seconds,
  refresh_token: z.string().min(1),
  refresh_token_expiration: seconds,
});

/**
 * A new pair of tokens for the old one, which is used up by it: what comes back must be stored before it is used.
 * @throws Failure `auth` when Clover refuses, or when there is nothing to renew with.
 */
export async function renew(client: CloverClient, config: CloverConfig): Promise<CloverConfig> {
  if (!config.refreshToken || !config.appId)
    throw new Failure(
      'auth',
      'cannot-renew',
      'Clover does not accept the token, or it lacks a permission, or the region is another one. Put a new API token into the settings, or connect with OAuth and give the refresh token.',
    );
  const body = { client_id: config.appId, refresh_token: config.refreshToken };
  const url = `${apiHost(config)}${REFRESH_PATH}`;
  const { data } = await ask(client, 'token', { method: 'POST', url, body }, answer);
  const { accessTokenEndsAtMs: _, refreshTokenEndsAtMs: __, ...rest } = config;
  return {
    ...rest,
    accessToken: data.access_token,
    refreshToken: data.refresh_token,
    ...endOf('accessTokenEndsAtMs', data.access_token_expiration),
    ...endOf('refreshTokenEndsAtMs', data.refresh_token_expiration),
  };
}

/** Clover tells the end in seconds since 1970; from 1e11 on, which as seconds lies beyond the year 5000, it is milliseconds. */
const endOf = (name: 'accessTokenEndsAtMs' | 'refreshTokenEndsAtMs', told: number | null | undefined) =>
  told ? { [name]: Math.floor(told < 1e11 ? told * 1000 : told) } : {};
