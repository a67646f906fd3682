import { z } from 'zod';
import type { Check } from '../../../platform/contract.ts';
import { Failure } from '../../../platform/failure.ts';
import { ask, type DynamicsClient, odata, quoted } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';
import { baseUrl } from './address.ts';
import { KEY_HEADER } from './webhook.ts';

const MESSAGES = ['Create', 'Update', 'Delete'] as const;
type Message = (typeof MESSAGES)[number];

/** What is listened to. A line's order is named by an image, which exists before a deletion and after everything else. */
const STEPS: { entity: string; message: Message; image?: number; attributes?: string }[] = [
  ...MESSAGES.map((message) => ({ entity: 'salesorder', message })),
  { entity: 'salesorderdetail', message: 'Create', image: 1 },
  { entity: 'salesorderdetail', message: 'Update', image: 1 },
  { entity: 'salesorderdetail', message: 'Delete', image: 0 },
  { entity: 'product', message: 'Create' },
  { entity: 'product', message: 'Update', attributes: 'quantityonhand,productnumber,isstockitem,statecode' },
];

/** `contract` of a service endpoint that is a webhook, and `authtype` of one that sends a header. */
const WEBHOOK = 8;
const HTTP_HEADER = 5;

const endpoints = z.object({ value: z.array(z.object({ serviceendpointid: z.string().min(1) })) });
const steps = z.object({
  value: z.array(
    z.object({
      sdkmessageprocessingstepid: z.string().min(1),
      name: z.string().nullish(),
      statecode: z.number().nullish(),
    }),
  ),
});
const named = z.object({ value: z.array(z.record(z.string(), z.unknown())) });

const stepName = ({ entity, message }: (typeof STEPS)[0]): string => `Onhand: ${message} of ${entity}`;

const keyOf = (secret: string): string =>
  `<settings><setting name="${KEY_HEADER}" value="${secret.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)}" /></settings>`;

async function endpointOf(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<string | undefined> {
  const url = odata(`${baseUrl(config)}/serviceendpoints`, {
    select: 'serviceendpointid',
    filter: `url eq ${quoted(hookUrl)}`,
  });
  const { data } = await ask(client, 'hooks', { method: 'GET', url }, endpoints);
  return data.value[0]?.serviceendpointid;
}

async function stepsOf(client: DynamicsClient, config: DynamicsConfig, endpoint: string) {
  const url = odata(`${baseUrl(config)}/sdkmessageprocessingsteps`, {
    select: 'sdkmessageprocessingstepid,name,statecode',
    filter: `_eventhandler_value eq ${endpoint}`,
  });
  return (await ask(client, 'hooks', { method: 'GET', url }, steps)).data.value;
}

/** A new row; its id is in the answer because we ask for it. */
async function create(client: DynamicsClient, config: DynamicsConfig, table: string, column: string, body: unknown) {
  const call = {
    method: 'POST' as const,
    url: `${baseUrl(config)}/${table}`,
    body,
    headers: { prefer: 'return=representation' },
  };
  const { data } = await ask(client, 'hookWrite', call, z.record(z.string(), z.unknown()));
  return String(data[column]);
}

/** The id of a built-in row, which differs from organization to organization. */
async function idOf(client: DynamicsClient, config: DynamicsConfig, table: string, column: string, filter: string) {
  const url = odata(`${baseUrl(config)}/${table}`, { select: column, filter });
  const { data } = await ask(client, 'hooks', { method: 'GET', url }, named);
  const id = data.value[0]?.[column];
  if (typeof id === 'string') return id;
  throw new Failure('rejected', 'no-such-message', `Dataverse knows no ${table} with ${filter}. Is Sales installed?`);
}

export async function subscribe(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<{ config: Partial<DynamicsConfig>; did: string[] }> {
  const webhookSecret = config.webhookSecret ?? `${client.uuid()}${client.uuid()}`.replaceAll('-', '');
  const did: string[] = [];
  let endpoint = await endpointOf(client, config, hookUrl);
  if (endpoint) {
    // The key cannot be read back, so it is set again.
    const url = `${baseUrl(config)}/serviceendpoints(${endpoint})`;
    await client.call('hookWrite', {
      method: 'PATCH',
      url,
      headers: { 'content-type': 'application/json', 'if-match': '*' },
      body: JSON.stringify({ authtype: HTTP_HEADER, authvalue: keyOf(webhookSecret) }),
    });
  } else {
    endpoint = await create(client, config, 'serviceendpoints', 'serviceendpointid', {
      name: 'Onhand',
      url: hookUrl,
      contract: WEBHOOK,
      authtype: HTTP_HEADER,
      authvalue: keyOf(webhookSecret),
    });
    did.push('registered the service endpoint');
  }
  return { config: { webhookSecret }, did: [...did, ...(await repair(client, config, endpoint))] };
}

/** Adds steps that are missing and switches on those that somebody switched off. */
async function repair(client: DynamicsClient, config: DynamicsConfig, endpoint: string): Promise<string[]> {
  const did: string[] = [];
  const known = new Map((await stepsOf(client, config, endpoint)).map((step) => [step.name, step]));
  for (const step of STEPS) {
    const found = known.get(stepName(step));
    if (!found) {
      await addStep(client, config, endpoint, step);
      did.push(`added the step ${stepName(step)}`);
    } else if (found.statecode === 1) {
      await client.call('hookWrite', {
        method: 'PATCH',
        url: `${baseUrl(config)}/sdkmessageprocessingsteps(${found.sdkmessageprocessingstepid})`,
        headers: { 'content-type': 'application/json', 'if-match': '*' },
        body: JSON.stringify({ statecode: 0, statuscode: 1 }),
      });
      did.push(`switched on the step ${stepName(step)}`);
    }
  }
  return did;
}

async function addStep(client: DynamicsClient, config: DynamicsConfig, endpoint: string, step: (typeof STEPS)[0]) {
  const message = await idOf(client, config, 'sdkmessages', 'sdkmessageid', `name eq ${quoted(step.message)}`);
  const filter = await idOf(
    client,
    config,
    'sdkmessagefilters',
    'sdkmessagefilterid',
    `primaryobjecttypecode eq ${quoted(step.entity)} and _sdkmessageid_value eq ${message}`,
  );
  const id = await create(client, config, 'sdkmessageprocessingsteps', 'sdkmessageprocessingstepid', {
    name: stepName(step),
    // Asynchronous, after the transaction: a synchronous step would make people wait for us.
    mode: 1,
    stage: 40,
    rank: 1,
    supporteddeployment: 0,
    asyncautodelete: true,
    ...(step.attributes && { filteringattributes: step.attributes }),
    'sdkmessageid@odata.bind': `/sdkmessages(${message})`,
    'sdkmessagefilterid@odata.bind': `/sdkmessagefilters(${filter})`,
    'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${endpoint})`,
  });
  if (step.image === undefined) return;
  await create(client, config, 'sdkmessageprocessingstepimages', 'sdkmessageprocessingstepimageid', {
    name: 'order',
    entityalias: 'order',
    imagetype: step.image,
    attributes: 'salesorderid',
    messagepropertyname: step.message === 'Create' ? 'Id' : 'Target',
    'sdkmessageprocessingstepid@odata.bind': `/sdkmessageprocessingsteps(${id})`,
  });
}

export async function unsubscribe(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<{ did: string[] }> {
  const endpoint = await endpointOf(client, config, hookUrl);
  if (!endpoint) return { did: [] };
  const remove = (path: string) =>
    client.call('hookWrite', { method: 'DELETE', url: `${baseUrl(config)}/${path}`, headers: {} });
  const found = await stepsOf(client, config, endpoint);
  for (const { sdkmessageprocessingstepid: id } of found) await remove(`sdkmessageprocessingsteps(${id})`);
  await remove(`serviceendpoints(${endpoint})`);
  return { did: [`removed ${found.length} steps and the service endpoint`] };
}

export async function checkSubscription(
  client: DynamicsClient,
  config: DynamicsConfig,
  hookUrl: string,
): Promise<Check[]> {
  const endpoint = config.webhookSecret && (await endpointOf(client, config, hookUrl));
  if (!endpoint)
    return [
      {
        name: 'service endpoint',
        ok: false,
        found: `There is no service endpoint for ${hookUrl}.`,
        next: 'Connect the channel again, so that Onhand registers it.',
      },
    ];
  const did = await repair(client, config, endpoint);
  const found = did.length > 0 ? `Put right: ${did.join(', ')}.` : 'Service endpoint and steps are there.';
  return [{ name: 'service endpoint', ok: true, found }];
}
