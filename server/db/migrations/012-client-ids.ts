/** Runs by the id that their client made up: what a client asks again after an answer it did not see. */
export const clientIds = `
create index tags_of_clients on tags (substr(value, 1, 200), run) where key = 'mltrack.clientId';
`;
