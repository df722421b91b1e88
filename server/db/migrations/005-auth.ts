/** Users, what each may do, and their tokens. Passwords and tokens are there as hashes only. */
export const auth = `
create table users (
  id {{identity}},
  username {{text}} not null unique,
  password_hash {{text}} not null,
  is_admin {{int}} not null,
  revision {{int}} not null default 1
);

create table experiment_permissions (
  user_id {{int}} not null references users (id) on delete cascade,
  experiment {{int}} not null references experiments (id) on delete cascade,
  permission {{int}} not null,
  primary key (user_id, experiment)
) {{keyed}};
create index experiment_permissions_by_experiment on experiment_permissions (experiment);

create table registered_model_permissions (
  user_id {{int}} not null references users (id) on delete cascade,
  name {{text}} not null references registered_models (name) on update cascade on delete cascade,
  permission {{int}} not null,
  primary key (user_id, name)
) {{keyed}};
create index registered_model_permissions_by_name on registered_model_permissions (name);

create table tokens (
  id {{identity}},
  user_id {{int}} not null references users (id) on delete cascade,
  name {{text}} not null,
  hash {{text}} not null unique,
  creation_time {{int}} not null,
  expiration_time {{int}}
);
create index tokens_by_user on tokens (user_id);
`;
