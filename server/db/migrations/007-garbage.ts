/** Artifacts whose run or model is gone for good: they are still to be removed, whenever that was interrupted. */
export const garbage = `
create table artifacts_to_remove (
  uri {{text}} not null primary key,
  owner {{text}} not null
) {{keyed}};
`;
