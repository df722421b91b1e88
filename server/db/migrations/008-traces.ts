/** What is known of traces, and what they are linked to: runs and versions of prompts, which may be there before the trace. */
export const traces = `
create table traces (
  id {{identity}},
  request_id {{text}} not null unique,
  experiment {{int}} not null references experiments (id),
  timestamp_ms {{int}} not null,
  execution_time_ms {{int}},
  status {{text}} not null,
  client_request_id {{text}},
  request_preview {{text}},
  response_preview {{text}},
  assessments {{text}}
);
create index traces_by_time on traces (experiment, timestamp_ms, request_id);

create table trace_tags (
  trace {{int}} not null references traces (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (trace, key)
) {{keyed}};

create table trace_metadata (
  trace {{int}} not null references traces (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (trace, key)
) {{keyed}};

create table trace_links (
  request_id {{text}} not null,
  kind {{text}} not null,
  target {{text}} not null,
  primary key (request_id, kind, target)
) {{keyed}};
create index trace_links_by_target on trace_links (target, kind);
`;
