/** Chunks from before there were levels: each is to get its levels in a quiet moment. Only a migration adds to it. */
export const olderChunks = `
create table chunks_without_levels (
  run {{int}} not null references runs (id),
  series {{int}} not null,
  seq {{int}} not null,
  primary key (run, series, seq)
) {{keyed}};

insert into chunks_without_levels (run, series, seq)
  select metric_series.run, series, seq
  from metric_chunks join metric_series on metric_series.id = metric_chunks.series
  where points >= 2048 and not exists (
    select 1 from metric_levels l where l.series = metric_chunks.series and l.level = 0 and l.seq = metric_chunks.seq
  );
`;
