/**
 * @NApiVersion 2.1
 * @NScriptType UserEventScript
 * @NModuleScope SameAccount
 *
 * Tells Onhand which record was saved; Onhand fetches what it needs. Deploy it on: sales order, item fulfillment, cash sale,
 * invoice, item receipt, return authorization, credit memo, cash refund, inventory adjustment, inventory transfer, assembly
 * build, assembly unbuild. It never stops a save: what cannot be sent is kept as a record and sent by onhand-resend.js.
 */
define(['N/log', 'N/record', 'N/runtime', 'N/search', './onhand-signed-event'], (
  /** @type {import('N/log')} */ log,
  /** @type {import('N/record')} */ record,
  /** @type {import('N/runtime')} */ runtime,
  /** @type {import('N/search')} */ search,
  /** @type {{ nowMs: () => number, send: (event: { url: string, secret: string, eventId: string, body: string }) => boolean }} */ signed,
) => {
  /** Types whose items Onhand reads again, and the sublist that they stand in. */
  const SUBLISTS = {
    inventoryadjustment: ['inventory'],
    inventorytransfer: ['inventory'],
    itemreceipt: ['item'],
    assemblybuild: ['component'],
    assemblyunbuild: ['component'],
  };
  /** More than that and Onhand finds them by itself, in its feed. */
  const ITEMS_MAX = 500;

  /**
   * What the record was made from. An inline edit hands over nothing but what was edited, so it is looked up then.
   * @param {import('N/record').Record} saved
   * @param {boolean} isWhole
   */
  const originOf = (saved, isWhole) => {
    let from = saved.getValue({ fieldId: 'createdfrom' });
    if (!from && !isWhole) {
      const found = /** @type {any} */ (
        search.lookupFields({ type: /** @type {any} */ (saved.type), id: saved.id, columns: ['createdfrom'] })
      );
      from = found.createdfrom?.[0]?.value;
    }
    if (!from) return { createdFrom: null, createdFromType: null };
    const found = /** @type {any} */ (
      search.lookupFields({ type: search.Type.TRANSACTION, id: String(from), columns: ['recordtype'] })
    );
    return { createdFrom: String(from), createdFromType: found.recordtype || null };
  };

  /** @param {import('N/record').Record} saved */
  const itemsOf = (saved) => {
    const items = [];
    if (saved.type === 'assemblybuild' || saved.type === 'assemblyunbuild')
      items.push(saved.getValue({ fieldId: 'item' }));
    for (const sublistId of SUBLISTS[String(saved.type)] || []) {
      const lines = Math.max(0, saved.getLineCount({ sublistId }));
      for (let line = 0; line < lines && items.length < ITEMS_MAX; line += 1)
        items.push(saved.getSublistValue({ sublistId, fieldId: 'item', line }));
    }
    return [...new Set(items.filter(Boolean).map(String))];
  };

  /** @param {import('N/types').EntryPoints.UserEvent.afterSubmitContext} context */
  const afterSubmit = (context) => {
    try {
      const isDelete = context.type === context.UserEventType.DELETE;
      const saved = isDelete ? context.oldRecord || context.newRecord : context.newRecord;
      const isWhole = isDelete || context.type !== context.UserEventType.XEDIT;
      const recordType = String(saved.type);
      const eventId = `${recordType}:${saved.id}:${context.type}:${signed.nowMs()}`;
      const body = JSON.stringify({
        eventId,
        account: runtime.accountId,
        recordType,
        recordId: String(saved.id),
        eventType: context.type,
        ...originOf(saved, isWhole),
        items: itemsOf(saved),
      });
      const script = runtime.getCurrentScript();
      const url = String(script.getParameter({ name: 'custscript_onhand_event_url' }) || '');
      const secret = String(script.getParameter({ name: 'custscript_onhand_event_secret' }) || '');
      const event = { url, secret, eventId, body };
      // The second try is for a connection that broke; longer waits would keep whoever saves waiting.
      if (url && secret && (signed.send(event) || signed.send(event))) return;
      const kept = record.create({ type: 'customrecord_onhand_outbox' });
      kept.setValue({ fieldId: 'custrecord_onhand_event', value: eventId });
      kept.setValue({ fieldId: 'custrecord_onhand_body', value: body });
      kept.save();
    } catch (error) {
      log.error({ title: 'Onhand was not told; its feed will find it', details: error });
    }
  };

  return { afterSubmit };
});
