import { z } from 'zod';
import type { Check } from '../../platform/contract.ts';
import { ask, type OdooClient, searchRead } from './ask.ts';
import type { OdooConfig } from './config.ts';
import { flag, id, numeric, reference, text } from './shape.ts';
import { hookAddress } from './webhook.ts';

/** One automation rule: which fields set it off, and which are sent along. */
interface Rule {
  model: string;
  on: string[];
  sends: string[];
  /** Of whose records only; Odoo makes somebody wait for every call. */
  only?: string;
  till?: true;
}

const RULES: Rule[] = [
  { model: 'sale.order', on: ['state', 'delivery_status'], sends: ['name', 'state', 'write_date'] },
  { model: 'sale.order.line', on: ['product_uom_qty'], sends: ['order_id', 'write_date'] },
  { model: 'stock.picking', on: ['state'], sends: ['name', 'sale_id', 'state', 'write_date'] },
  {
    model: 'stock.quant',
    on: ['quantity'],
    sends: ['product_id', 'location_id', 'write_date'],
    // Every delivery and every count writes a second quant: the customers', or the losses'.
    only: "[('location_id.usage', '=', 'internal')]",
  },
  { model: 'pos.order', on: ['state'], sends: ['name', 'state', 'write_date'], till: true },
];

const wanted = (config: OdooConfig): Rule[] => RULES.filter(({ till }) => !till || config.pointOfSale);

const actionShape = z.object({ id, model_name: text, webhook_url: text, base_automation_id: reference });
const ruleShape = z.object({ id, active: flag });
const modelShape = z.object({ id, model: text });
const fieldShape = z.object({ id, model: text, name: text });
const created = z.union([z.array(id), id.transform((one) => [one])]);

interface Hook {
  action: string;
  rule: string;
  model: string;
  address: string;
  active: boolean;
}

/**
 * One automation rule per kind of record, each calling our address. Odoo signs nothing, so the address holds a secret; it
 * is handed back to be stored. Safe to repeat.
 */
export async function subscribe(
  client: OdooClient,
  config: OdooConfig,
  hookUrl: string,
): Promise<{ config: Partial<OdooConfig>; did: string[] }> {
  const webhookSecret = config.webhookSecret || `${client.uuid()}${client.uuid()}`.replaceAll('-', '');
  const address = hookAddress(hookUrl, webhookSecret);
  const did: string[] = [];
  const known = await hooksTo(client, config, hookUrl);
  const good = known.filter((hook) => hook.address === address && hook.active);
  const stale = known.filter((hook) => !good.includes(hook));
  if (stale.length > 0) {
    await remove(client, config, stale);
    did.push(`removed ${stale.length} rules that called another address or were off`);
  }
  const missing = wanted(config).filter(({ model }) => !good.some((hook) => hook.model === model));
  if (missing.length > 0) {
    const names = await namesOf(client, config, missing);
    for (const rule of missing) await create(client, config, rule, names, address);
    did.push(`made rules for ${missing.map(({ model }) => model).join(', ')}`);
  }
  return { config: { webhookSecret }, did };
}

export async function unsubscribe(client: OdooClient, config: OdooConfig, hookUrl: string): Promise<{ did: string[] }> {
  const known = await hooksTo(client, config, hookUrl);
  if (known.length === 0) return { did: [] };
  await remove(client, config, known);
  return { did: [`removed ${known.length} rules`] };
}

/** A rule that people archived is switched on again; what Odoo could not deliver it never sends again. */
export async function checkSubscription(client: OdooClient, config: OdooConfig, hookUrl: string): Promise<Check[]> {
  const address = hookAddress(hookUrl, config.webhookSecret ?? '');
  const known = (await hooksTo(client, config, hookUrl)).filter((hook) => hook.address === address);
  const off = numeric(known.filter(({ active }) => !active).map(({ rule }) => rule));
  if (off.length > 0)
    await ask(
      client,
      config,
      'ruleWrite',
      { model: 'base.automation', method: 'write', ids: off, args: { vals: { active: true } } },
      z.unknown(),
    );
  const missing = wanted(config).filter(({ model }) => !known.some((hook) => hook.model === model));
  return [
    {
      name: 'automation rules',
      ok: missing.length === 0,
      found:
        missing.length > 0
          ? `No rule calls us for ${missing.map(({ model }) => model).join(', ')}.`
          : off.length > 0
            ? `${off.length} rules were archived and are on again.`
            : `${known.length} rules are there and on.`,
      ...(missing.length > 0 && { next: 'Connect the channel again, so that Onhand makes the rules.' }),
    },
  ];
}

/** Rules whose action calls our address, whatever secret it holds. */
async function hooksTo(client: OdooClient, config: OdooConfig, hookUrl: string): Promise<Hook[]> {
  const query = {
    model: 'ir.actions.server',
    domain: [
      ['state', '=', 'webhook'],
      ['webhook_url', '=like', `${hookUrl.replaceAll(/[\\%_]/g, '\\$&')}%`],
    ],
    fields: ['model_name', 'webhook_url', 'base_automation_id'],
  };
  const { data } = await searchRead(client, config, 'rules', query, z.array(actionShape));
  const ids = numeric(data.flatMap((one) => one.base_automation_id ?? []));
  const { data: rules } = await searchRead(
    client,
    config,
    'rules',
    { model: 'base.automation', domain: [['id', 'in', ids]], fields: ['active'], context: { active_test: false } },
    z.array(ruleShape),
  );
  const on = new Map(rules.map((rule) => [rule.id, rule.active]));
  return data.flatMap((one) =>
    one.base_automation_id && new URL(one.webhook_url ?? hookUrl).pathname === new URL(hookUrl).pathname
      ? [
          {
            action: one.id,
            rule: one.base_automation_id,
            model: one.model_name ?? '',
            address: one.webhook_url ?? '',
            active: on.get(one.base_automation_id) ?? false,
          },
        ]
      : [],
  );
}

/** Their actions go with them. */
async function remove(client: OdooClient, config: OdooConfig, hooks: Hook[]): Promise<void> {
  const ids = numeric(hooks.map(({ rule }) => rule));
  await ask(client, config, 'ruleWrite', { model: 'base.automation', method: 'unlink', ids }, z.unknown());
}

interface Names {
  models: Map<string, string>;
  fields: Map<string, string>;
}

/** Odoo wants its models and fields by number. */
async function namesOf(client: OdooClient, config: OdooConfig, rules: Rule[]): Promise<Names> {
  const models = rules.map(({ model }) => model);
  const names = [...new Set(rules.flatMap(({ on, sends }) => [...on, ...sends]))];
  const modelQuery = { model: 'ir.model', domain: [['model', 'in', models]], fields: ['model'] };
  const found = await searchRead(client, config, 'rules', modelQuery, z.array(modelShape));
  const domain = [
    ['model', 'in', models],
    ['name', 'in', names],
  ];
  const fieldQuery = { model: 'ir.model.fields', domain, fields: ['model', 'name'] };
  const fields = await searchRead(client, config, 'rules', fieldQuery, z.array(fieldShape));
  return {
    models: new Map(found.data.map((one) => [one.model ?? '', one.id])),
    fields: new Map(fields.data.map((one) => [`${one.model} ${one.name}`, one.id])),
  };
}

async function create(client: OdooClient, config: OdooConfig, rule: Rule, names: Names, address: string) {
  const model_id = Number(names.models.get(rule.model));
  // A field that this version or set of apps lacks is left out.
  const ids = (wantedNames: string[]) =>
    numeric(wantedNames.flatMap((name) => names.fields.get(`${rule.model} ${name}`) ?? []));
  const make = async (model: string, vals: Record<string, unknown>) => {
    const call = { model, method: 'create', args: { vals_list: [vals] } };
    return Number((await ask(client, config, 'ruleWrite', call, created)).data[0]);
  };
  const automation = await make('base.automation', {
    name: `Onhand: ${rule.model}`,
    model_id,
    trigger: 'on_create_or_write',
    trigger_field_ids: [[6, 0, ids(rule.on)]],
    ...(rule.only && { filter_domain: rule.only }),
  });
  await make('ir.actions.server', {
    name: `Onhand: ${rule.model}`,
    model_id,
    state: 'webhook',
    webhook_url: address,
    webhook_field_ids: [[6, 0, ids(rule.sends)]],
    usage: 'base_automation',
    base_automation_id: automation,
  });
}
