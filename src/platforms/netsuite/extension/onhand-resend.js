/**
 * @NApiVersion 2.1
 * @NScriptType ScheduledScript
 * @NModuleScope SameAccount
 *
 * Sends what onhand-event.js could not, oldest first. Schedule it every 15 minutes. After a week an event is thrown away:
 * Onhand's own feed has told it long before.
 */
define(['N/log', 'N/record', 'N/runtime', 'N/search', './onhand-signed-event'], (
  /** @type {import('N/log')} */ log,
  /** @type {import('N/record')} */ record,
  /** @type {import('N/runtime')} */ runtime,
  /** @type {import('N/search')} */ search,
  /** @type {{ nowMs: () => number, send: (event: { url: string, secret: string, eventId: string, body: string }) => boolean }} */ signed,
) => {
  const TYPE = 'customrecord_onhand_outbox';
  /** Reading, sending and deleting one costs about 15 units. */
  const UNITS_LEFT_MIN = 100;
  const FAILURES_IN_ROW_MAX = 3;
  const DAYS_KEPT = 7;

  const execute = () => {
    const script = runtime.getCurrentScript();
    const url = String(script.getParameter({ name: 'custscript_onhand_resend_url' }) || '');
    const secret = String(script.getParameter({ name: 'custscript_onhand_resend_secret' }) || '');
    const waiting = search.create({
      type: TYPE,
      columns: [
        search.createColumn({ name: 'internalid', sort: search.Sort.ASC }),
        'custrecord_onhand_event',
        'custrecord_onhand_body',
      ],
    });
    let failures = 0;
    for (const result of waiting.run().getRange({ start: 0, end: 1000 })) {
      if (script.getRemainingUsage() < UNITS_LEFT_MIN || failures >= FAILURES_IN_ROW_MAX) return;
      const eventId = String(result.getValue({ name: 'custrecord_onhand_event' }));
      const body = String(result.getValue({ name: 'custrecord_onhand_body' }));
      const savedMs = Number(eventId.split(':').pop());
      const isOld = signed.nowMs() - savedMs > DAYS_KEPT * 86400000;
      if (isOld || signed.send({ url, secret, eventId, body })) {
        record.delete({ type: TYPE, id: result.id });
        failures = 0;
      } else failures += 1;
    }
    if (failures > 0) log.audit({ title: 'Onhand could not be reached', details: url });
  };

  return { execute };
});
