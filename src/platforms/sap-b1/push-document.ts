import type { Target } from '../../platform/contract.ts';
import { jsonRequest } from '../../platform/http.ts';
import { localTime } from '../../platform/local-time.ts';
import { apiUrl, type SapClient } from './api.ts';
import type { SapConfig } from './config.ts';

export type StockOp = 'issue' | 'receipt' | 'posting';

export interface DocumentRow {
  target: Target;
  /** Taken out, put in, or counted. */
  units: number;
}

const PATHS: Record<StockOp, string> = {
  issue: '/InventoryGenExits',
  receipt: '/InventoryGenEntries',
  posting: '/InventoryPostings',
};

/** With it every document of ours begins; {@link findPush} looks for it. */
export const REMARK = 'Onhand';
const REMARKS: Record<StockOp, string> = {
  issue: `${REMARK}: sold on other channels`,
  receipt: `${REMARK}: back from other channels`,
  posting: `${REMARK}: counted`,
};

/** One stock document, a line for each cell with its key as the remark. SAP knows no idempotency key. */
export async function post(
  client: SapClient,
  config: SapConfig,
  op: StockOp,
  rows: readonly DocumentRow[],
): Promise<void> {
  // The day of the company: it must lie in an open period.
  const today = localTime(client.now(), config.timeZone).slice(0, 10);
  const body = op === 'posting' ? posting(config, today, rows) : movement(config, op, today, rows);
  await client.call(op, jsonRequest('POST', apiUrl(config, PATHS[op]), body));
}

function movement(config: SapConfig, op: 'issue' | 'receipt', today: string, rows: readonly DocumentRow[]) {
  const account = op === 'issue' ? config.decreaseAccount : config.increaseAccount;
  return {
    DocDate: today,
    Comments: REMARKS[op],
    ...(config.branch && { BPL_IDAssignedToInvoice: config.branch }),
    DocumentLines: rows.map(({ target, units }) => ({
      ItemCode: target.cell.stockKey,
      WarehouseCode: target.cell.location,
      Quantity: units,
      // In the unit that stock is counted in, whatever the item is sold by.
      UseBaseUnits: 'tYES',
      FreeText: target.key,
      ...(account && { AccountCode: account }),
    })),
  };
}

function posting(config: SapConfig, today: string, rows: readonly DocumentRow[]) {
  return {
    PostingDate: today,
    CountDate: today,
    Remarks: REMARKS.posting,
    PriceSource: 'ippsItemCost',
    ...(config.branch && { BranchID: config.branch }),
    InventoryPostingLines: rows.map(({ target, units }) => ({
      ItemCode: target.cell.stockKey,
      WarehouseCode: target.cell.location,
      CountedQuantity: units,
      Remarks: target.key,
      ...(config.increaseAccount && { InventoryOffsetIncreaseAccount: config.increaseAccount }),
      ...(config.decreaseAccount && { InventoryOffsetDecreaseAccount: config.decreaseAccount }),
    })),
  };
}
