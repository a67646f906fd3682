import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const EXTENSION = fileURLToPath(new URL('../extension/', import.meta.url));

export interface FakeRecord {
  type: string;
  id: number;
  values: Record<string, unknown>;
  sublists?: Record<string, Record<string, unknown>[]>;
}

/** What the modules were asked for, and what they are to answer. */
export interface FakeNetsuite {
  posts: { url: string; headers: Record<string, string>; body: string }[];
  /** Answers to https.post in turn; an Error is thrown; the last one stays. */
  codes: (number | Error)[];
  kept: { id: number; values: Record<string, unknown> }[];
  lookups: { type: string; id: unknown; columns: string[] }[];
  /** What lookupFields answers, by record and column. */
  fields: Record<string, Record<string, unknown>>;
  searches: { type: string; filters?: unknown; columns: unknown[] }[];
  /** Rows of item searches. */
  items: { id: string; values: Record<string, string> }[];
  parameters: Record<string, string>;
  errors: unknown[];
  usage: number;
}

export const fakeNetsuite = (): FakeNetsuite => ({
  posts: [],
  codes: [200],
  kept: [],
  lookups: [],
  fields: {},
  searches: [],
  items: [],
  parameters: {
    custscript_onhand_event_url: 'https://onhand.test/hooks/1',
    custscript_onhand_event_secret: 'custsecret_onhand',
    custscript_onhand_resend_url: 'https://onhand.test/hooks/1',
    custscript_onhand_resend_secret: 'custsecret_onhand',
  },
  errors: [],
  usage: 1_000,
});

/** Values of Setup > Company > API Secrets. */
export const API_SECRETS: Record<string, string> = { custsecret_onhand: 'the-value-of-the-api-secret' };

/** As much of N/* as our scripts use. Every name here is held against NetSuite's own typings by extension.test.ts. */
function modules(fake: FakeNetsuite): Record<string, unknown> {
  const nameOf = (column: unknown) => (typeof column === 'string' ? column : (column as { name: string }).name);
  return {
    'N/log': { error: (entry: unknown) => fake.errors.push(entry), audit: (entry: unknown) => fake.errors.push(entry) },
    'N/encode': { Encoding: { UTF_8: 'UTF_8', HEX: 'HEX' } },
    'N/crypto': {
      HashAlg: { SHA256: 'SHA256' },
      createSecretKey: ({ secret }: { secret: string }) => {
        if (!API_SECRETS[secret]) throw new Error(`there is no secret ${secret}`);
        return API_SECRETS[secret];
      },
      createHmac: ({ key }: { key: string }) => {
        const mac = createHmac('sha256', key);
        return {
          update: ({ input }: { input: string }) => void mac.update(input, 'utf8'),
          // NetSuite prints hex in capitals.
          digest: () => mac.digest('hex').toUpperCase(),
        };
      },
    },
    'N/https': {
      post: (request: FakeNetsuite['posts'][0]) => {
        fake.posts.push(request);
        const code = fake.codes.length > 1 ? fake.codes.shift()! : fake.codes[0]!;
        if (code instanceof Error) throw code;
        return { code };
      },
    },
    'N/runtime': {
      accountId: '1234567_SB1',
      getCurrentScript: () => ({
        getParameter: ({ name }: { name: string }) => fake.parameters[name] ?? null,
        getRemainingUsage: () => {
          fake.usage -= 15;
          return fake.usage;
        },
      }),
    },
    'N/record': {
      create: () => {
        const values: Record<string, unknown> = {};
        return {
          setValue: ({ fieldId, value }: { fieldId: string; value: unknown }) => {
            values[fieldId] = value;
          },
          save: () => fake.kept.push({ id: fake.kept.length + 1, values }),
        };
      },
      delete: ({ id }: { id: number }) => {
        fake.kept = fake.kept.filter((one) => one.id !== id);
      },
    },
    'N/search': {
      Sort: { ASC: 'ASC' },
      Type: { TRANSACTION: 'transaction', ITEM: 'item' },
      createColumn: (column: unknown) => column,
      lookupFields: (asked: FakeNetsuite['lookups'][0]) => {
        fake.lookups.push(asked);
        const found = fake.fields[String(asked.id)] ?? {};
        return Object.fromEntries(asked.columns.map((column) => [column, found[column] ?? '']));
      },
      create: (asked: FakeNetsuite['searches'][0]) => {
        fake.searches.push(asked);
        const rows =
          asked.type === 'item'
            ? fake.items
            : fake.kept.map(({ id, values }) => ({ id, values: values as Record<string, string> }));
        const results = rows.map(({ id, values }) => ({
          id,
          getValue: (column: unknown) => values[nameOf(column)] ?? '',
        }));
        return {
          run: () => ({ getRange: ({ start, end }: { start: number; end: number }) => results.slice(start, end) }),
        };
      },
    },
  };
}

/** The script as NetSuite loads it: `define` with its modules. */
// biome-ignore lint/suspicious/noExplicitAny: each script hands out entry points of its own.
export function loadScript(file: string, fake: FakeNetsuite): any {
  const known = modules(fake);
  let made: unknown;
  const define = (names: string[], factory: (...given: unknown[]) => unknown) => {
    made = factory(
      ...names.map((name) => {
        if (name.startsWith('./')) return loadScript(`${name.slice(2)}.js`, fake);
        if (!known[name]) throw new Error(`there is no module ${name}`);
        return known[name];
      }),
    );
  };
  new Function('define', readFileSync(`${EXTENSION}${file}`, 'utf8'))(define);
  return made;
}

/** A record as a user event is handed it. */
export const recordOf = ({ type, id, values, sublists = {} }: FakeRecord) => ({
  type,
  id,
  getValue: ({ fieldId }: { fieldId: string }) => values[fieldId] ?? '',
  getLineCount: ({ sublistId }: { sublistId: string }) => sublists[sublistId]?.length ?? -1,
  getSublistValue: ({ sublistId, fieldId, line }: { sublistId: string; fieldId: string; line: number }) =>
    sublists[sublistId]?.[line]?.[fieldId] ?? '',
});
