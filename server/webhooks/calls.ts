/** What the deliverer asks of the store: endpoints like those of the contract, but of no route. */
import { endpoint } from '../../api/endpoint.js';
import { Empty } from '../../api/scalars.js';
import { id, integer, listOf, message, type Output, one, required, string } from '../../api/schema.js';
import { WebhookEvent } from '../../api/webhooks.js';

const PendingDelivery = message('PendingDelivery', {
  id: required(integer()),
  delivery_id: required(string('the same for every try')),
  url: required(string()),
  secret: string(),
  payload: required(string('JSON')),
  attempts: required(integer('this one included')),
});
export type PendingDelivery = Output<typeof PendingDelivery>;

export const deliveryCalls = {
  claimDeliveries: endpoint(
    'POST',
    'claim-deliveries',
    'write',
    'Deliveries that are due, which nobody else gets until `until`.',
    message('ClaimDeliveries', { limit: required(integer()), until: required(integer('ms since the epoch')) }),
    message('ClaimDeliveriesResponse', {
      deliveries: listOf(PendingDelivery),
      next: integer('when another one is due, in ms since the epoch'),
    }),
  ),
  settleDelivery: endpoint(
    'POST',
    'settle-delivery',
    'write',
    'Drops a delivery, or puts it off.',
    message('SettleDelivery', { id: required(integer()), due: integer('of the next try, in ms since the epoch') }),
    Empty,
  ),
  prepareWebhookTest: endpoint(
    'POST',
    'prepare-webhook-test',
    'read',
    'The delivery that tests a webhook.',
    message('PrepareWebhookTest', { webhook_id: required(id()), event: one(WebhookEvent) }),
    message('PrepareWebhookTestResponse', { delivery: required(one(PendingDelivery)) }),
  ),
};
