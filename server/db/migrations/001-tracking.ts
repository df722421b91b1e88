/** Experiments, runs and what they log. */
export const tracking = `
create table experiments (
  id {{identity}},
  name {{text}} not null unique,
  artifact_location {{text}} not null,
  lifecycle_stage {{text}} not null,
  creation_time {{int}} not null,
  last_update_time {{int}} not null
);
create index experiments_by_creation on experiments (creation_time, id);

create table experiment_tags (
  experiment {{int}} not null references experiments (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (experiment, key)
) {{keyed}};

create table runs (
  id {{identity}},
  run_id {{text}} not null unique,
  experiment {{int}} not null references experiments (id),
  name {{text}} not null,
  user_id {{text}} not null,
  status {{int}} not null,
  start_time {{int}} not null,
  end_time {{int}},
  artifact_uri {{text}} not null,
  lifecycle_stage {{text}} not null,
  deleted_time {{int}}
);
create index runs_by_start on runs (experiment, lifecycle_stage, start_time, run_id);

create table params (
  run {{int}} not null references runs (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (run, key)
) {{keyed}};

create table tags (
  run {{int}} not null references runs (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (run, key)
) {{keyed}};

create table metric_keys (
  id {{identity}},
  name {{text}} not null unique
);

create table metric_contexts (
  id {{identity}},
  model_id {{text}} not null,
  dataset_name {{text}} not null,
  dataset_digest {{text}} not null,
  unique (model_id, dataset_name, dataset_digest)
);

create table metric_log (
  id {{identity}},
  run {{int}} not null references runs (id),
  data {{bytes}} not null
);
create index metric_log_by_run on metric_log (run, id);

create table metric_series (
  id {{identity}},
  run {{int}} not null references runs (id),
  key {{int}} not null references metric_keys (id),
  context {{int}} not null,
  value {{double}} not null,
  is_nan {{int}} not null,
  timestamp {{int}} not null,
  step {{int}} not null,
  unique (run, key, context)
);
create index metric_series_by_context on metric_series (context) where context <> 0;

create table metric_chunks (
  series {{int}} not null references metric_series (id),
  seq {{int}} not null,
  points {{int}} not null,
  first_timestamp {{int}} not null,
  last_timestamp {{int}} not null,
  min_step {{int}} not null,
  max_step {{int}} not null,
  data {{bytes}} not null,
  primary key (series, seq)
);

create table logged_models (
  model_id {{text}} not null primary key,
  experiment {{int}} not null references experiments (id),
  name {{text}} not null,
  model_type {{text}},
  source_run_id {{text}},
  artifact_uri {{text}} not null,
  status {{int}} not null,
  lifecycle_stage {{text}} not null,
  creation_time {{int}} not null,
  last_update_time {{int}} not null
);

create table logged_model_params (
  model_id {{text}} not null references logged_models (model_id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (model_id, key)
) {{keyed}};

create table logged_model_tags (
  model_id {{text}} not null references logged_models (model_id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (model_id, key)
) {{keyed}};

create table run_outputs (
  run {{int}} not null references runs (id),
  model_id {{text}} not null,
  step {{int}} not null,
  primary key (run, model_id)
) {{keyed}};
`;
