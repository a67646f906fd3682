/**
 * Orders that API storefronts place. This hook runs when the answer is made, after the platform's transaction: one sent from
 * afterPOST could announce an order that is rolled back.
 */
exports.modifyPOSTResponse = (order) => {
  require('../onhand/notify').notify([order.getOrderNo ? order.getOrderNo() : order.orderNo]);
};
