/** Buckets of full chunks at a few widths, so that a far look at a long history reads no points. Derived: it may be empty at any time. */
export const metricLevels = `
create table metric_levels (
  series {{int}} not null references metric_series (id),
  level {{int}} not null,
  seq {{int}} not null,
  data {{bytes}} not null,
  primary key (series, level, seq)
) {{keyed}};
`;
