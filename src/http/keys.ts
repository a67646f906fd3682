import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { secretToken } from '../runtime/secret-token.ts';
import { findKey, insertKey } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';

/** read: look · stock: change stock and holds · operate: channels, modes, stop, reconcile · orders: send orders and levels. */
export const SCOPES = ['read', 'stock', 'operate', 'orders'] as const;
export type Scope = (typeof SCOPES)[number];

const hashOf = (key: string) => createHash('sha256').update(key).digest();

/** Makes a key; it is shown once and stored as a hash. */
export async function createApiKey(db: Database, name: string, scopes: readonly Scope[], at: string): Promise<string> {
  const key = `onhand_${secretToken()}`;
  await insertKey(db, { name, hash: hashOf(key), scopes: [...scopes], at });
  return key;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the key that was shown. */
    keyName: string;
  }
}

/** Lets through requests that show a key with the scope; the key goes in "Authorization: Bearer" or, for pages, a cookie. */
export function needs(db: Database, scope: Scope) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const shown = keyShown(request);
    if (!shown)
      return reply.code(401).send({
        error: 'no-key',
        message: 'This needs an API key.',
        next: 'Send "Authorization: Bearer onhand_…". "onhand init" printed the owner\'s key.',
      });
    const found = await findKey(db, hashOf(shown));
    if (!found)
      return reply.code(401).send({
        error: 'unknown-key',
        message: 'This API key is not known here, or was revoked.',
        next: 'Check that the whole key was copied, or make a new one with "onhand init --key NAME".',
      });
    if (!found.scopes.includes(scope))
      return reply.code(403).send({
        error: 'scope-missing',
        message: `The key "${found.name}" lacks the scope "${scope}".`,
        next: 'Make a key with that scope: onhand init --key NAME --scopes …',
      });
    request.keyName = found.name;
    return undefined;
  };
}

/** Swaps a key for a cookie that page scripts cannot read, so that nothing on the page holds the key. */
export async function sessionRoute(server: FastifyInstance, { db }: { db: Database }): Promise<void> {
  server.post('/v1/session', { schema: { hide: true } }, async (request, reply) => {
    const { key } = (request.body ?? {}) as { key?: unknown };
    if (typeof key !== 'string' || !(await findKey(db, hashOf(key))))
      return reply.code(401).send({
        error: 'unknown-key',
        message: 'This API key is not known here, or was revoked.',
        next: 'Check that the whole key was copied.',
      });
    const cookie = `onhand_key=${key}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000`;
    return reply.header('set-cookie', cookie).send({ done: 'signed in' });
  });
}

function keyShown(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header?.startsWith('Bearer ')) return header.slice(7).trim();
  const cookie = /(?:^|;\s*)onhand_key=([\w-]+)/.exec(request.headers.cookie ?? '');
  // A cookie rides along with foreign pages' requests: it only opens what changes nothing.
  return cookie && request.method === 'GET' ? cookie[1] : undefined;
}
