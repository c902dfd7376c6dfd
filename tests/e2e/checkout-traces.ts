/**
 * What the collector is to have of a checkout, edge by edge: each line is a span, `service kind name`, below the line
 * that it is indented under. What a statement of the database does is left out here.
 */
const UNTIL_PAYMENT = `
router SERVER POST /graphql
  router CLIENT orders
    orders SERVER POST /graphql
      orders INTERNAL graphql.execute
        orders INTERNAL transaction
          orders INTERNAL saga RESERVING
            orders PRODUCER publish orders.order.placed.v1
            orders PRODUCER publish orders.order.status_changed.v1
            orders PRODUCER publish orders.stock.reserve.v1
              products CONSUMER handle orders.stock.reserve.v1
                products INTERNAL transaction
                  products PRODUCER publish products.stock.reserved.v1
                    orders CONSUMER handle products.stock.reserved.v1
                      orders INTERNAL transaction
                        orders INTERNAL saga RESERVING → AUTHORIZING
                          orders PRODUCER publish orders.order.status_changed.v1
                          orders PRODUCER publish orders.payment.authorize.v1
                            payments CONSUMER handle orders.payment.authorize.v1
                              payments INTERNAL transaction
                                payments INTERNAL AUTHORIZE
                                  payments CLIENT POST /v1/payments
                                  payments INTERNAL transaction
`;

/** A purchase that is paid for. */
export const PURCHASE_TREE = `${UNTIL_PAYMENT}                                payments PRODUCER publish payments.payment.authorized.v1
                                  orders CONSUMER handle payments.payment.authorized.v1
                                    orders INTERNAL transaction
                                      orders INTERNAL saga AUTHORIZING → COMMITTING
                                        orders PRODUCER publish orders.stock.commit.v1
                                          products CONSUMER handle orders.stock.commit.v1
                                            products INTERNAL transaction
                                              products PRODUCER publish products.stock.committed.v1
                                                orders CONSUMER handle products.stock.committed.v1
                                                  orders INTERNAL transaction
                                                    orders INTERNAL saga COMMITTING → CAPTURING
                                                      orders PRODUCER publish orders.order.confirmed.v1
                                                      orders PRODUCER publish orders.order.status_changed.v1
                                                      orders PRODUCER publish orders.payment.capture.v1
                                                        payments CONSUMER handle orders.payment.capture.v1
                                                          payments INTERNAL transaction
                                                            payments INTERNAL CAPTURE
                                                              payments CLIENT POST /v1/payments/{id}/capture
                                                              payments INTERNAL transaction
                                                            payments PRODUCER publish payments.payment.captured.v1
                                                              orders CONSUMER handle payments.payment.captured.v1
                                                                orders INTERNAL transaction
                                                                  orders INTERNAL saga CAPTURING → DONE
                                                                    orders PRODUCER publish orders.order.paid.v1
                                                                    orders PRODUCER publish orders.order.status_changed.v1
`;

/** One whose payment is declined, so that the stock is released. */
export const DECLINED_TREE = `${UNTIL_PAYMENT}                                payments PRODUCER publish payments.payment.declined.v1
                                  orders CONSUMER handle payments.payment.declined.v1
                                    orders INTERNAL transaction
                                      orders INTERNAL saga AUTHORIZING → COMPENSATING
                                        orders PRODUCER publish orders.order.status_changed.v1
                                        orders PRODUCER publish orders.stock.release.v1
                                          products CONSUMER handle orders.stock.release.v1
                                            products INTERNAL transaction
                                              products PRODUCER publish products.stock.released.v1
                                                orders CONSUMER handle products.stock.released.v1
                                                  orders INTERNAL transaction
                                                    orders INTERNAL saga COMPENSATING → CANCELLED
                                                      orders PRODUCER publish orders.order.cancelled.v1
                                                      orders PRODUCER publish orders.order.status_changed.v1
`;
