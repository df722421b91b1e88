/** Saved views of pages. `experiment` is 0 and a row, or null for views over several. */
export const views = `
create table views (
  id {{identity}},
  view_id {{text}} not null unique,
  experiment {{int}} references experiments (id) on delete cascade,
  name {{text}},
  query {{text}} not null,
  query_hash {{text}} not null,
  user_id {{text}},
  creation_time {{int}} not null,
  last_update_time {{int}} not null
);
create unique index views_by_name on views (coalesce(experiment, -1), name) where name is not null;
create unique index views_without_name on views (coalesce(experiment, -1), query_hash) where name is null;
create index views_by_experiment on views (experiment);
`;
