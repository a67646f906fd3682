import { NO_LOCATION } from '../../../platform/contract.ts';
import type { HttpResponse } from '../../../platform/http.ts';
import type { Routed, Router, StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { ENTITIES, entityOf, type SaleEntity } from '../sale-doc.ts';
import { answer, Refusal } from './answers.ts';
import { type Company, SHRINKAGE, type Txn } from './company.ts';
import { accountsJson, adjustmentJson, itemJson, txnJson } from './entities.ts';
import { parseQuery } from './query.ts';

const CHANGES_MAX = 1_000;
const LOOK_BACK_MS = 30 * 86_400_000;

/** What of the API v3 the stand-in has: queries, change data capture, reading, quantity adjustments. */
export function companyRoutes(company: Company, router: Router): void {
  const base = `/v3/company/${company.realmId}`;
  router.on('GET', `${base}/query`, ({ query }) => answerQuery(company, query.get('query') ?? ''));
  router.on('GET', `${base}/cdc`, ({ query }) => captured(company, query));
  router.on('GET', `${base}/companyinfo/{id}`, () =>
    answer(company, { CompanyInfo: { Id: '1', CompanyName: 'Sandbox Company', Country: 'US', SyncToken: '0' } }),
  );
  router.on('GET', `${base}/item/{id}`, ({ params }) => {
    const item = company.book.shelves.itemById(params['id']!);
    if (!item) throw notFound();
    return answer(company, { Item: itemJson(company, item) });
  });
  router.on('POST', `${base}/inventoryadjustment`, (routed) =>
    once(company, routed, () => adjust(company, routed.json())),
  );
  for (const entity of ENTITIES)
    router.on('GET', `${base}/${entity.toLowerCase()}/{id}`, ({ params }) => {
      const txn = company.txns.get(params['id']!);
      if (!txn || txn.entity !== entity || txn.state === 'deleted') throw notFound();
      return answer(company, { [entity]: txnJson(txn) });
    });
}

const notFound = (): Refusal =>
  new Refusal(
    400,
    '610',
    'Object Not Found',
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
  );

/** The same requestid: the first answer again, whatever the body. */
function once(company: Company, { query }: Routed, work: () => object): HttpResponse {
  const id = query.get('requestid');
  const known = id === null ? undefined : company.answered.get(id);
  if (known) return answer(company, known.body as object, known.status);
  const body = work();
  if (id !== null) company.answered.set(id, { status: 200, body });
  return answer(company, body);
}

function answerQuery(company: Company, text: string): HttpResponse {
  const parsed = parseQuery(text);
  const rows = rowsOf(company, parsed.entity, parsed.changedSinceMs);
  const { rows: found, startPosition } = parsed.run(rows);
  if (found.length === 0) return answer(company, { QueryResponse: {} });
  const QueryResponse = { [parsed.entity]: found, startPosition, maxResults: found.length };
  return answer(company, { QueryResponse });
}

function rowsOf(company: Company, entity: string, sinceMs: number | undefined): Record<string, unknown>[] {
  const sale = entityOf(entity);
  if (sale)
    return changedSince(company, sinceMs ?? 0, [sale])
      .filter(({ state }) => state !== 'deleted')
      .map(txnJson);
  if (entity === 'Item')
    return company.book.shelves.items
      .filter(({ id }) => !company.inactive.has(id))
      .map((item) => itemJson(company, item));
  if (entity === 'Account') return accountsJson();
  if (entity === 'InventoryAdjustment') {
    if (!company.hasAdjustments) throw notInPlan();
    return company.adjustments.map(adjustmentJson);
  }
  throw new Refusal(400, '4001', 'Invalid query', `QueryValidationError: Invalid context declaration ${entity}`);
}

const notInPlan = (): Refusal =>
  new Refusal(400, '5020', 'Permission Denied Error', 'Permission Denied Error : Feature Not Supported');

const changedSince = (company: Company, sinceMs: number, entities: SaleEntity[]): Txn[] =>
  company.changed
    .page({ sinceMs: Math.floor(sinceMs / 1000) * 1000, limit: 1_000_000 })
    .items.filter(({ entity }) => entities.includes(entity));

function captured(company: Company, query: URLSearchParams): HttpResponse {
  const entities = (query.get('entities') ?? '').split(',').map((word) => entityOf(word.trim()));
  if (entities.some((entity) => entity === undefined))
    throw new Refusal(400, '4001', 'Invalid query', 'An entity is not supported by CDC');
  const sinceMs = Date.parse(query.get('changedSince') ?? '');
  if (Number.isNaN(sinceMs) || sinceMs < company.options.clock.now() - LOOK_BACK_MS)
    throw new Refusal(400, '2020', 'changedSince is missing, or more than 30 days ago');
  const rows = changedSince(company, sinceMs, entities as SaleEntity[]).slice(0, CHANGES_MAX);
  const QueryResponse = (entities as SaleEntity[]).map((entity) => {
    const own = rows.filter((txn) => txn.entity === entity).map(txnJson);
    return own.length === 0 ? {} : { [entity]: own, startPosition: 1, maxResults: own.length };
  });
  return answer(company, { CDCResponse: [{ QueryResponse }] });
}

interface AdjustmentBody {
  AdjustAccountRef?: { value?: string };
  PrivateNote?: string;
  Line?: { ItemAdjustmentLineDetail?: { ItemRef?: { value?: string }; QtyDiff?: number } }[];
}

/** Looked through whole, then booked whole. QuickBooks lets a quantity fall below zero. */
function adjust(company: Company, body: unknown): object {
  const { AdjustAccountRef: account, PrivateNote: note = '', Line: lines = [] } = (body ?? {}) as AdjustmentBody;
  if (!company.hasAdjustments) throw notInPlan();
  if (company.booksClosed)
    throw new Refusal(400, '6210', 'Account Period Closed, Cannot Update Through Services Error');
  if (account?.value !== SHRINKAGE && account?.value !== '7')
    throw new Refusal(400, '2500', 'Invalid Reference Id', 'Invalid Reference Id : Accounts element id not found');
  if (note.length > 4_000) throw new Refusal(400, '2050', 'String length is too long', 'PrivateNote: 4000');
  if (lines.length === 0)
    throw new Refusal(400, '2020', 'Required param missing, need to supply the required value for the API');
  const changes = lines.map(({ ItemAdjustmentLineDetail: detail }) => ({
    level: levelOf(company, detail?.ItemRef?.value ?? ''),
    delta: differenceOf(detail?.QtyDiff),
  }));
  for (const { level, delta } of changes) company.book.write(level, { delta }, 'write', { reference: note });
  const adjustment = {
    id: company.nextId(),
    createdMs: company.options.clock.now(),
    body: body as Record<string, unknown>,
  };
  company.adjustments.push(adjustment);
  return { InventoryAdjustment: adjustmentJson(adjustment) };
}

function differenceOf(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value !== 0) return value;
  throw new Refusal(400, '2010', 'Request has invalid or unsupported property', 'QtyDiff');
}

function levelOf(company: Company, id: string): StockLevel {
  const item = company.book.shelves.itemById(id);
  if (!item || company.inactive.has(id))
    throw new Refusal(400, '2500', 'Invalid Reference Id', `Invalid Reference Id : Item elements id ${id} not found`);
  if (!item.tracked)
    throw new Refusal(
      400,
      '6000',
      'A business validation error has occurred while processing your request',
      'Business Validation Error: Only inventory items can be adjusted.',
    );
  return company.book.shelves.level(item, NO_LOCATION)!;
}
