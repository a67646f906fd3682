/**
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 *
 * What the Onhand scripts share: signing and sending one event.
 */
define(['N/crypto', 'N/encode', 'N/https'], (
  /** @type {import('N/crypto')} */ crypto,
  /** @type {import('N/encode')} */ encode,
  /** @type {import('N/https')} */ https,
) => {
  /** @returns {number} milliseconds since 1970 */
  const nowMs = () => Date.now();

  /**
   * Hex HMAC-SHA256 of the time, a full stop and the body.
   * @param {string} secret script ID of the API secret, like custsecret_onhand
   * @param {string} timestamp seconds since 1970
   * @param {string} body
   * @returns {string}
   */
  const sign = (secret, timestamp, body) => {
    const key = crypto.createSecretKey({ secret, encoding: encode.Encoding.UTF_8 });
    const hmac = crypto.createHmac({ algorithm: crypto.HashAlg.SHA256, key });
    hmac.update({ input: `${timestamp}.${body}`, inputEncoding: encode.Encoding.UTF_8 });
    return hmac.digest({ outputEncoding: encode.Encoding.HEX }).toLowerCase();
  };

  /**
   * Sends one event, signed with the time at which it is sent.
   * @param {{ url: string, secret: string, eventId: string, body: string }} event
   * @returns {boolean} Onhand has it
   */
  const send = ({ url, secret, eventId, body }) => {
    const timestamp = String(Math.floor(nowMs() / 1000));
    try {
      const { code } = https.post({
        url,
        headers: {
          'Content-Type': 'application/json',
          'X-Onhand-Event': eventId,
          'X-Onhand-Timestamp': timestamp,
          'X-Onhand-Signature': `sha256=${sign(secret, timestamp, body)}`,
        },
        body,
      });
      return code >= 200 && code < 300;
    } catch (_) {
      // Not reachable, or too slow: it is kept and sent again.
      return false;
    }
  };

  return { nowMs, send };
});
