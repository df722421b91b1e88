/** What runs use: datasets of their experiment, with tags on each use, and logged models. */
export const inputs = `
create table datasets (
  id {{identity}},
  experiment {{int}} not null references experiments (id),
  name {{text}} not null,
  digest {{text}} not null,
  source_type {{text}} not null,
  source {{text}} not null,
  schema {{text}},
  profile {{text}},
  unique (experiment, name, digest)
);

create table inputs (
  id {{identity}},
  run {{int}} not null references runs (id),
  dataset {{int}} not null references datasets (id),
  unique (run, dataset)
);
create index inputs_by_dataset on inputs (dataset, run);

create table input_tags (
  input {{int}} not null references inputs (id),
  key {{text}} not null,
  value {{text}} not null,
  primary key (input, key)
) {{keyed}};

create table run_inputs (
  run {{int}} not null references runs (id),
  model_id {{text}} not null,
  primary key (run, model_id)
) {{keyed}};
`;
