/**
 * A job step: every order that was changed since the last run that Onhand heard of. Cancellations and shipments have no hook,
 * and a notice that was lost at checkout is made good here.
 */
const Calendar = require('dw/util/Calendar');
const OrderMgr = require('dw/order/OrderMgr');
const Site = require('dw/system/Site');
const Status = require('dw/system/Status');
const Transaction = require('dw/system/Transaction');

const PREFERENCE = 'onhandToldUntil';
const OVERLAP_MS = 120000;
const FIRST_MS = 86400000;
const BATCH = 100;

/** @returns {boolean} true when all of them were heard. */
function tellAll(orders, notify) {
  let batch = [];
  while (orders.hasNext()) {
    batch.push(orders.next().getOrderNo());
    if (batch.length === BATCH) {
      if (!notify(batch)) return false;
      batch = [];
    }
  }
  return batch.length === 0 || notify(batch);
}

exports.execute = () => {
  const notify = require('*/cartridge/scripts/onhand/notify').notify;
  const site = Site.getCurrent();
  const began = Date.now();
  const told = site.getCustomPreferenceValue(PREFERENCE);
  const since = new Calendar(new Date(told ? Number(told) - OVERLAP_MS : began - FIRST_MS));
  const orders = OrderMgr.queryOrders('lastModified >= {0}', 'lastModified asc', since.getTime());
  let heard = false;
  try {
    heard = tellAll(orders, notify);
  } finally {
    orders.close();
  }
  // The mark stays where it was: the next run tells all of it again.
  if (!heard) return new Status(Status.ERROR, 'NOT_HEARD', 'Onhand did not answer.');
  Transaction.wrap(() => {
    site.setCustomPreferenceValue(PREFERENCE, String(began));
  });
  return new Status(Status.OK);
};
