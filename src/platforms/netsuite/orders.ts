import type { Doc } from '../../domain/document.ts';
import { Failure } from '../../platform/failure.ts';
import type { NetsuiteConfig } from './config.ts';
import { kindOf } from './documents.ts';
import { docOf } from './order-doc.ts';
import { isId, type NetsuiteClient, printed, type Row, suiteql } from './suiteql.ts';

const COLUMNS = [
  'tl.transaction',
  't.type',
  't.status',
  `${printed('t.lastmodifieddate')} AS modified`,
  `${printed('t.createddate')} AS created`,
  't.externalid AS origin',
  'tl.uniquekey',
  'tl.item',
  'i.itemtype',
  'tl.location',
  'tl.quantity',
  'tl.quantityshiprecv',
  'tl.quantitycommitted',
  'tl.isclosed',
  'tl.isinventoryaffecting',
  'tl.taxline',
].join(', ');

/**
 * A document as it is now, in one statement, so that an order and its shipments are of one moment. The line `mainline`
 * stands for the transaction itself: an order without any item is there all the same.
 */
export async function fetchDocument(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  doc: string,
): Promise<Doc | 'gone'> {
  const [kind, id] = doc.split(':');
  if (!isId(id) || (kind !== 'order' && kind !== 'sale' && kind !== 'return')) return 'gone';
  const where = kind === 'order' ? `(tl.transaction = ${id} OR tl.createdfrom = ${id})` : `tl.transaction = ${id}`;
  const rows = await allRows(client, config, where);
  const own = rows.find((row) => row['transaction'] === id);
  // Numbers are given once: another kind under it means that ours is not there.
  if (!own || kindOf(own['type']) !== kind) return 'gone';
  try {
    return docOf(kind, id, rows, config);
  } catch (error) {
    throw new Failure(
      'rejected',
      'odd-order',
      `${doc} cannot be read as NetSuite makes transactions (${error instanceof Error ? error.message : ''}). Open it there: a script may have changed it.`,
      { cause: error },
    );
  }
}

/** By key, a thousand lines at a time. */
async function allRows(client: NetsuiteClient, config: NetsuiteConfig, where: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after = '0'; ; ) {
    const page = await suiteql(
      client,
      config,
      'document',
      `SELECT ${COLUMNS} FROM transactionline tl JOIN transaction t ON t.id = tl.transaction LEFT JOIN item i ON i.id = tl.item WHERE ${where} AND tl.uniquekey > ${after} ORDER BY tl.uniquekey`,
    );
    rows.push(...page.rows);
    const last = page.rows.at(-1)?.['uniquekey'];
    if (!page.more || !isId(last) || last === after) return rows;
    after = last;
  }
}
