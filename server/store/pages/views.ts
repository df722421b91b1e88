/** Saved views of pages: named ones, which an experiment's people find, and those that only shorten a link. */
import { createHash, randomInt } from 'node:crypto';
import type { views as table } from '../../../api/beyond/views.js';
import type { Handlers } from '../../../api/endpoint.js';
import { invalid, MltrackError, missing, type View } from '../../../api/index.js';
import { sql } from '../../db/sql.js';
import type { StoreContext } from '../context.js';
import { findExperiment } from '../experiments.js';
import { checkLength } from '../validation.js';

const MOST_NAME = 250;
const MOST_QUERY = 100_000;

interface Row {
  id: number;
  view_id: string;
  experiment: number | null;
  name: string | null;
  query: string;
  user_id: string | null;
  creation_time: number;
  last_update_time: number;
}

export const views: Handlers<typeof table, StoreContext> = {
  async createView({ experiment_id, name, query }, ctx) {
    const experiment = experiment_id ? (await findExperiment(ctx, experiment_id, 'share')).id : null;
    checkView(name, query);
    const now = ctx.now();
    const created = await ctx.db.get<Row>(
      sql`insert into views (view_id, experiment, name, query, query_hash, user_id, creation_time, last_update_time)
          values (${randomId()}, ${experiment}, ${name || null}, ${query}, ${hashOf(query)}, ${ctx.caller?.username ?? null},
                  ${now}, ${now}) on conflict do nothing returning *`,
    );
    if (created) return { view: viewOf(created) };
    if (name) throw nameTaken(name);
    const known = await ctx.db.get<Row>(
      sql`select * from views
          where name is null and query_hash = ${hashOf(query)} and coalesce(experiment, -1) = ${experiment ?? -1}`,
    );
    return { view: viewOf(known as Row) };
  },

  async getView({ view_id }, ctx) {
    return { view: viewOf(await findView(ctx, view_id)) };
  },

  async listViews({ experiment_id }, ctx) {
    const experiment = experiment_id ? (await findExperiment(ctx, experiment_id)).id : -1;
    const found = await ctx.db.all<Row>(
      sql`select * from views where name is not null and coalesce(experiment, -1) = ${experiment} order by name`,
    );
    return { views: found.map(viewOf) };
  },

  async updateView({ view_id, name, query }, ctx) {
    const row = await findView(ctx, view_id, 'update');
    const [newName, newQuery] = [name || row.name, query || row.query];
    checkView(newName ?? undefined, newQuery);
    const taken = await ctx.db.get(
      sql`select id from views where id <> ${row.id} and coalesce(experiment, -1) = ${row.experiment ?? -1} and
          ${newName === null ? sql`name is null and query_hash = ${hashOf(newQuery)}` : sql`name = ${newName}`}`,
    );
    if (taken) throw newName === null ? queryTaken() : nameTaken(newName);
    const changed = await ctx.db.get<Row>(
      sql`update views set name = ${newName}, query = ${newQuery}, query_hash = ${hashOf(newQuery)},
                           last_update_time = ${ctx.now()} where id = ${row.id} returning *`,
    );
    return { view: viewOf(changed as Row) };
  },

  async deleteView({ view_id }, ctx) {
    const removed = await ctx.db.run(sql`delete from views where view_id = ${view_id}`);
    if (removed === 0) throw viewNotFound(view_id);
    return {};
  },
};

async function findView(ctx: StoreContext, id: string, intent?: 'update'): Promise<Row> {
  const lock = intent ? ctx.db.dialect.forUpdate : sql``;
  const row = await ctx.db.get<Row>(sql`select * from views where view_id = ${id} ${lock}`);
  if (!row) throw viewNotFound(id);
  return row;
}

function checkView(name: string | undefined, query: string): void {
  if (name) checkLength('name', name, MOST_NAME);
  checkLength('query', query, MOST_QUERY);
}

const viewNotFound = (id: string) => missing(`View with id=${id} not found`);
const nameTaken = (name: string) =>
  new MltrackError('RESOURCE_ALREADY_EXISTS', `There is a view named '${name}' already: choose another name.`);
const queryTaken = () => invalid('Another view without a name has this query: give this one a name.');

function viewOf(row: Row): View {
  return {
    view_id: row.view_id,
    ...(row.experiment !== null && { experiment_id: String(row.experiment) }),
    ...(row.name !== null && { name: row.name }),
    query: row.query,
    ...(row.user_id !== null && { user_id: row.user_id }),
    creation_time: row.creation_time,
    last_update_time: row.last_update_time,
  };
}

/** An index over whole queries would be as large as they are. */
const hashOf = (query: string) => createHash('sha256').update(query).digest('base64url');

const LETTERS = '23456789abcdefghijkmnpqrstuvwxyz';

/** Ten letters that nobody mistakes for others: some 10^15 ids. */
const randomId = () => Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
