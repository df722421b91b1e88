/** The model registry. Renaming a model and removing it reach everything that is its own. */
export const registry = `
create table registered_models (
  name {{text}} not null primary key,
  description {{text}} not null,
  creation_time {{int}} not null,
  last_updated_time {{int}} not null
);

create table registered_model_tags (
  name {{text}} not null references registered_models (name) on update cascade on delete cascade,
  key {{text}} not null,
  value {{text}} not null,
  primary key (name, key)
) {{keyed}};
create index registered_model_tags_by_key on registered_model_tags (key, name);

create table model_versions (
  name {{text}} not null references registered_models (name) on update cascade on delete cascade,
  version {{int}} not null,
  creation_time {{int}} not null,
  last_updated_time {{int}} not null,
  description {{text}},
  current_stage {{text}} not null,
  source {{text}} not null,
  storage_location {{text}} not null,
  run_id {{text}},
  run_link {{text}},
  model_id {{text}},
  primary key (name, version)
);
create index model_versions_by_update on model_versions (last_updated_time, name, version);
create index model_versions_by_run on model_versions (run_id);
create index model_versions_by_model on model_versions (model_id) where model_id is not null;

create table model_version_tags (
  name {{text}} not null,
  version {{int}} not null,
  key {{text}} not null,
  value {{text}} not null,
  primary key (name, version, key),
  foreign key (name, version) references model_versions (name, version) on update cascade on delete cascade
) {{keyed}};
create index model_version_tags_by_key on model_version_tags (key, name);

create table registered_model_aliases (
  name {{text}} not null references registered_models (name) on update cascade on delete cascade,
  alias {{text}} not null,
  version {{int}} not null,
  primary key (name, alias)
) {{keyed}};
`;
