/** What search reads: the latest value and the aggregates of each metric of a run, and runs by name and by parent. */
export const search = `
create table latest_metrics (
  run {{int}} not null references runs (id),
  key {{int}} not null references metric_keys (id),
  experiment {{int}} not null,
  value {{double}} not null,
  is_nan {{int}} not null,
  timestamp {{int}} not null,
  step {{int}} not null,
  least {{double}},
  greatest {{double}},
  first_value {{double}},
  first_timestamp {{int}},
  first_step {{int}},
  points {{int}},
  primary key (run, key)
) {{keyed}};

insert into latest_metrics (run, key, experiment, value, is_nan, timestamp, step)
  select run, key, experiment, value, is_nan, timestamp, step from (
    select metric_series.*, runs.experiment as experiment,
           row_number() over (partition by run, key order by step desc, timestamp desc, value desc) as place
    from metric_series join runs on runs.id = metric_series.run
  ) ranked where place = 1;

create index latest_metrics_by_value on latest_metrics (experiment, key, is_nan, value, run);
create index latest_metrics_without_aggregates on latest_metrics (run) where points is null;

alter table runs add column revision {{int}} not null default 0;
create index runs_by_name on runs (name);
create index tags_of_children on tags (substr(value, 1, 200), run) where key = 'mlflow.parentRunId';
`;
