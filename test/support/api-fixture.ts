import type { FastifyInstance } from 'fastify';
import { apiServer } from '../../src/http/api.ts';
import { hookServer } from '../../src/http/hooks.ts';
import { createApiKey, SCOPES, type Scope } from '../../src/http/keys.ts';
import { custom } from '../../src/platforms/custom/index.ts';
import { START } from './ledger-fixture.ts';
import { toyPlatform } from './toy/index.ts';
import { type WorldEngine, worldEngine } from './world-engine.ts';

export interface Asked {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API says, for assertions.
  json: any;
}

interface Question {
  body?: unknown;
  /** An API key; the owner's unless said, null for none. */
  key?: string | null;
  headers?: Record<string, string>;
  on?: 'api' | 'hooks';
}

export interface ApiFixture {
  run: WorldEngine;
  api: FastifyInstance;
  hooks: FastifyInstance;
  /** One key per scope, and the owner's with all. */
  keys: Record<Scope | 'owner', string>;
  ask(method: string, url: string, question?: Question): Promise<Asked>;
  /** Everything that was answered so far, headers too. */
  answers: string[];
  close(): Promise<void>;
}

/** API and webhook entrance over an engine with a toy shop "toy-1" and a system of our own protocol "custom-1", both live. */
export async function apiFixture(): Promise<ApiFixture> {
  const run = await worldEngine({ platforms: [toyPlatform('toy', 'cas'), custom], items: 4 });
  const [api, hooks] = [await apiServer(run.engine, '0.0.0'), hookServer(run.engine)];
  const at = new Date(START).toISOString();
  const keys = { owner: await createApiKey(run.db, 'owner', SCOPES, at) } as ApiFixture['keys'];
  for (const scope of SCOPES) keys[scope] = await createApiKey(run.db, `only ${scope}`, [scope], at);
  const answers: string[] = [];
  const ask = async (method: string, url: string, question: Question = {}): Promise<Asked> => {
    const { body, key = keys.owner, headers = {}, on = 'api' } = question;
    const answer = await run.clock.run(
      (on === 'api' ? api : hooks).inject({
        method: method as 'GET',
        url,
        headers: {
          ...(key !== null && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = answer.body;
    answers.push(`${method} ${url} ${answer.statusCode} ${JSON.stringify(answer.headers)} ${text}`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.statusCode, headers: answer.headers, text, json };
  };
  const close = async () => {
    await Promise.all([api.close(), hooks.close()]);
    await run.close();
  };
  return { run, api, hooks, keys, ask, answers, close };
}
