/**
 * Tells Onhand which orders to look at. Only numbers leave the instance, signed: Onhand fetches the rest itself.
 * Address and key come from the service credential onhand.credentials (URL and password).
 */
const Bytes = require('dw/util/Bytes');
const Encoding = require('dw/crypto/Encoding');
const LocalServiceRegistry = require('dw/svc/LocalServiceRegistry');
const Mac = require('dw/crypto/Mac');
const Site = require('dw/system/Site');

const SERVICE = 'onhand.notify';

/** Hex HMAC-SHA256 of the time in seconds, a dot, and the body. */
function signature(time, body, key) {
  const mac = new Mac(Mac.HMAC_SHA_256);
  return Encoding.toHex(mac.digest(new Bytes([time, body].join('.'), 'UTF-8'), new Bytes(key, 'UTF-8')));
}

function send(orderNos) {
  const body = JSON.stringify({ siteId: Site.getCurrent().getID(), orders: orderNos });
  const service = LocalServiceRegistry.createService(SERVICE, {
    createRequest: (svc) => {
      const time = String(Math.floor(Date.now() / 1000));
      const key = svc.getConfiguration().getCredential().getPassword();
      svc.setRequestMethod('POST');
      svc.addHeader('Content-Type', 'application/json');
      svc.addHeader('x-onhand-timestamp', time);
      svc.addHeader('x-onhand-signature', signature(time, body, key));
      return body;
    },
    parseResponse: () => true,
    filterLogMessage: (message) => message,
  });
  return service.call().isOk();
}

/** @returns {boolean} true when Onhand has heard it. Never throws: a shopper's order must not fail because of us. */
exports.notify = (orderNos) => {
  try {
    return send(orderNos);
  } catch (_error) {
    return false;
  }
};
