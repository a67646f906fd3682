/** Orders that SFRA storefronts place: after everything else of the route, and only when it went well. */
const server = require('server');

server.extend(module.superModule);

server.append('PlaceOrder', function (_req, res, next) {
  this.on('route:Complete', () => {
    const data = res.getViewData();
    if (data && !data.error && data.orderID) require('*/cartridge/scripts/onhand/notify').notify([data.orderID]);
  });
  next();
});

module.exports = server.exports();
