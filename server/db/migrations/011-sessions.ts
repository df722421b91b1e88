/** Sign-ins of browsers. Their secrets are there as hashes only; a change of the password makes them void. */
export const sessions = `
create table sessions (
  id {{identity}},
  user_id {{int}} not null references users (id) on delete cascade,
  hash {{text}} not null unique,
  revision {{int}} not null,
  creation_time {{int}} not null,
  expiration_time {{int}} not null
);
create index sessions_by_user on sessions (user_id);
`;
