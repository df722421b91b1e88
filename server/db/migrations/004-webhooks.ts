/** Webhooks, what they ask for, and the deliveries that wait. */
export const webhooks = `
create table webhooks (
  webhook_id {{text}} not null primary key,
  name {{text}} not null,
  description {{text}},
  url {{text}} not null,
  secret {{text}},
  status {{text}} not null,
  creation_time {{int}} not null,
  last_update_time {{int}} not null
);
create index webhooks_by_creation on webhooks (creation_time, webhook_id);

create table webhook_events (
  id {{identity}},
  webhook_id {{text}} not null references webhooks (webhook_id),
  entity {{text}} not null,
  action {{text}} not null,
  experiment {{int}},
  metric_key {{text}},
  comparator {{text}},
  threshold {{double}}
);
create index webhook_events_by_webhook on webhook_events (webhook_id);

create table webhook_reached (
  event {{int}} not null,
  run {{int}} not null,
  primary key (event, run)
) {{keyed}};

create table webhook_deliveries (
  id {{identity}},
  delivery_id {{text}} not null,
  webhook_id {{text}} not null,
  payload {{text}} not null,
  attempts {{int}} not null,
  due {{int}} not null
);
create index webhook_deliveries_by_due on webhook_deliveries (due, id);

create table webhook_keys (
  id {{int}} not null primary key,
  key {{text}} not null
);
`;
