import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { importSPKI, jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../platform/failure.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { authorize, NONCE_HEADER, renew } from './access.ts';
import { clientAssertion } from './assertion.ts';
import { netsuiteConfig } from './config.ts';
import { netsuite } from './index.ts';
import { listLevels } from './levels.ts';
import { ADJUSTMENT_ACCOUNT, SUBSIDIARY } from './sandbox/company.ts';
import { netsuiteSandbox } from './sandbox.ts';
import { EAST, openBench, WEST } from './testing/bench.ts';

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of close.splice(0)) await end();
});

const oauth = vendorModule('oauth-1.0a');
const NetsuiteRest = vendorModule('netsuite-rest');
const missing = (module: unknown) => (module ? '' : ' (skipped: run npm ci in test/vendor)');

const TBA = {
  account: '1234567_sb1',
  consumerKey: 'ck-1',
  consumerSecret: 'cs(2)*',
  tokenId: 'ti-3',
  tokenSecret: "ts'4!",
};

describe('token-based authentication', () => {
  it.skipIf(!oauth)(`signs as the package oauth-1.0a does${missing(oauth)}`, () => {
    const config = netsuiteConfig.parse(TBA);
    const url =
      'https://1234567-sb1.restlets.api.netsuite.com/app/site/hosting/restlet.nl?script=customscript_x&deploy=1';
    const signed = authorize({ method: 'POST', url, headers: { [NONCE_HEADER]: 'a' } }, config, 1_764_000_000_123);
    expect(signed.headers[NONCE_HEADER]).toBeUndefined();
    const header = signed.headers['authorization']!;
    const given = Object.fromEntries(
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, decodeURIComponent(value!)]),
    );
    expect(header).toMatch(/^OAuth realm="1234567_SB1", /);
    const theirs = oauth({
      consumer: { key: TBA.consumerKey, secret: TBA.consumerSecret },
      signature_method: 'HMAC-SHA256',
      hash_function: (base: string, key: string) => createHmac('sha256', key).update(base).digest('base64'),
    });
    const { oauth_signature, realm: _, ...parameters } = given;
    const data = { method: 'POST', url, data: {} };
    expect(theirs.getSignature(data, TBA.tokenSecret, parameters)).toBe(oauth_signature);
  });

  it('never uses a nonce twice, and the stand-in takes ours', async () => {
    const bench = openBench();
    const { access } = bench.sandbox;
    bench.config = netsuiteConfig.parse({
      ...bench.config,
      clientId: undefined,
      certificateId: undefined,
      privateKey: undefined,
      consumerKey: access.consumerKey,
      consumerSecret: access.consumerSecret,
      tokenId: access.tokenId,
      tokenSecret: access.tokenSecret,
    });
    for (let turn = 0; turn < 3; turn++)
      expect((await bench.run((client, config) => listLevels(client, config, null))).items).toHaveLength(6);
    const { request } = bench.exchanges[0]!;
    expect((await bench.run(() => bench.sandbox.handle(request))).status, 'the same request again').toBe(401);
    bench.config = { ...bench.config, tokenSecret: 'another' };
    await expect(bench.run((client, config) => listLevels(client, config, null))).rejects.toMatchObject({
      failure: 'auth',
      code: 'cannot-renew',
    });
  });
});

describe('client credentials', () => {
  const keys = {
    RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  it.each([
    ['RSA', 'PS256'],
    ['EC', 'ES256'],
  ] as const)('the assertion of an %s key is good to jose', async (kind, alg) => {
    const { privateKey, publicKey } = keys[kind];
    const nowMs = Date.UTC(2026, 10, 24);
    const jwt = clientAssertion({
      clientId: 'client',
      certificateId: 'cert',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      audience: 'https://x/services/rest/auth/oauth2/v1/token',
      scopes: ['rest_webservices', 'restlets'],
      nowMs,
    });
    const key = await importSPKI(publicKey.export({ type: 'spki', format: 'pem' }).toString(), alg);
    const { payload, protectedHeader } = await jwtVerify(jwt, key, {
      issuer: 'client',
      audience: 'https://x/services/rest/auth/oauth2/v1/token',
      algorithms: [alg],
      currentDate: new Date(nowMs),
    });
    expect(protectedHeader).toEqual({ typ: 'JWT', alg, kid: 'cert' });
    expect(payload['scope']).toEqual(['rest_webservices', 'restlets']);
    expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(3600);
  });

  it('an RSA certificate gets a token, and a scope for RESTlets only where it is needed', async () => {
    const bench = openBench();
    bench.sandbox.access.upload(
      createPublicKey(keys.RSA.publicKey.export({ type: 'spki', format: 'pem' }))
        .export({ type: 'spki', format: 'pem' })
        .toString(),
    );
    bench.config = netsuiteConfig.parse({
      ...bench.config,
      privateKey: keys.RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
    const renewed = await bench.run((client, config) => renew(client, config));
    expect(renewed.accessTokenEndsAtMs! - bench.now()).toBe(3_600_000);
  });

  it('says what is wrong with a key', () => {
    const claims = { clientId: 'c', certificateId: 'k', audience: 'a', scopes: ['s'], nowMs: 0 };
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----';
    expect(() => clientAssertion({ ...claims, privateKey: pem })).toThrow(Failure);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    expect(() => clientAssertion({ ...claims, privateKey: other.toString() })).toThrow(/P-256/);
  });
});

describe('settings', () => {
  it('takes either way in, and says what is missing of it', () => {
    const missingOf = (config: Record<string, unknown>) =>
      netsuiteConfig.safeParse(config).error?.issues.map(({ path }) => path[0]) ?? [];
    expect(missingOf({ account: '1' })).toEqual(['consumerKey', 'consumerSecret', 'tokenId', 'tokenSecret']);
    expect(missingOf({ account: '1', clientId: 'c' })).toEqual(['certificateId', 'privateKey']);
    expect(missingOf({ ...TBA, levelsBy: 'restlet' })).toEqual(['restletScript']);
    expect(missingOf({ ...TBA, timeZone: 'Mars/Olympus' })).toEqual(['timeZone']);
    expect(netsuiteConfig.parse({ ...TBA, account: '1234567-sb1' }).account).toBe('1234567_SB1');
  });
});

describe.skipIf(!NetsuiteRest)(`npm netsuite-rest against the stand-in, over a socket${missing(NetsuiteRest)}`, () => {
  async function onSockets() {
    const sandbox = netsuiteSandbox({
      clock: realClock,
      random: seededRandom(3),
      name: 'mugs',
      locations: [
        { id: EAST, name: 'East' },
        { id: WEST, name: 'West' },
      ],
      factor: 100,
      deliver: () => Promise.reject(new Error('nobody listens')),
    });
    sandbox.seed([{ sku: 'MUG', title: 'Mug', stock: { [EAST]: 10, [WEST]: 5 } }]);
    const api = await listen(sandbox);
    close.push(api.close, () => sandbox.close());
    const { consumerKey, consumerSecret, tokenId, tokenSecret } = sandbox.access;
    const clientWith = (secret: string) =>
      new NetsuiteRest({
        consumer_key: consumerKey,
        consumer_secret_key: consumerSecret,
        token: tokenId,
        token_secret: secret,
        realm: sandbox.account,
        base_url: api.url,
      });
    return { sandbox, client: clientWith(tokenSecret), stranger: clientWith('wrong') };
  }

  it('queries, writes, and hears refusals', async () => {
    const { client, stranger, sandbox } = await onSockets();
    const query = (q: string) =>
      client.request({ path: 'query/v1/suiteql?limit=10', method: 'POST', body: JSON.stringify({ q }) });
    const { data } = await query(
      'SELECT ail.item, ail.location, ail.quantityavailable FROM aggregateItemLocation ail ORDER BY ail.location',
    );
    expect(data).toMatchObject({ count: 2, hasMore: false, totalResults: 2 });
    expect(data.items[0]).toEqual({ links: [], item: '501', location: EAST, quantityavailable: '10' });
    const adjustment = {
      externalId: 'theirs-1',
      subsidiary: { id: SUBSIDIARY },
      account: { id: ADJUSTMENT_ACCOUNT },
      adjLocation: { id: EAST },
      inventory: { items: [{ item: { id: '501' }, location: { id: EAST }, adjustQtyBy: -2.5 }] },
    };
    const write = () =>
      client.request({ path: 'record/v1/inventoryAdjustment', method: 'POST', body: JSON.stringify(adjustment) });
    const written = await write();
    expect(written.data).toBeNull();
    expect(sandbox.shown()[0]).toMatchObject({ location: EAST, available: 7.5 });
    await expect(write()).rejects.toMatchObject({ response: { statusCode: 400 } });
    await expect(query('SELECT nothing FROM nowhere')).rejects.toMatchObject({ response: { statusCode: 400 } });
    await expect(stranger.request({ path: 'query/v1/suiteql', method: 'POST', body: '{}' })).rejects.toMatchObject({
      response: { statusCode: 401 },
    });
    expect(sandbox.shown()[0]).toMatchObject({ available: 7.5 });
  });
});

it('the address is made of the account', async () => {
  const { apiBase, restletBase } = await import('./config.ts');
  expect(apiBase({ account: '1234567_SB1' })).toBe('https://1234567-sb1.suitetalk.api.netsuite.com');
  expect(restletBase({ account: '1234567_SB1' })).toBe('https://1234567-sb1.restlets.api.netsuite.com');
  expect(netsuite.facts.id).toBe('netsuite');
});
