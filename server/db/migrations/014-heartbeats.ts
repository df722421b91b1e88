/** When the program of a run was last heard of, of runs whose programs say so. */
export const heartbeats = `
create table heartbeats (
  run {{int}} not null primary key references runs (id),
  seen_at {{int}} not null
) {{keyed}};
create index heartbeats_by_time on heartbeats (seen_at);
`;
