/** What a caller may do with one resource: where every permission is resolved. */
import { PERMISSION, type Permission } from '../../api/auth/permission-types.js';
import { type Sql, sql } from '../db/sql.js';
import type { StoreContext } from '../store/context.js';
import { experimentIdOf } from '../store/validation.js';
import type { Level } from './calls.js';
import { forbidden } from './identity.js';

/** Source: `READ`, `EDIT` and `MANAGE` in `mlflow/server/auth/permissions.py`. */
const NEEDED: Record<Level, number> = {
  read: PERMISSION.READ,
  update: PERMISSION.EDIT,
  delete: PERMISSION.MANAGE,
  manage: PERMISSION.MANAGE,
};

/** A user, as the store knows him now. */
export interface Caller {
  readonly id: number;
  readonly username: string;
  readonly isAdmin: boolean;
  readonly defaultPermission: Permission;
}

/**
 * Each method throws PERMISSION_DENIED. For what is not there they do nothing: whoever implements the endpoint says so, in the
 * same transaction.
 */
export class Access {
  readonly #ctx: StoreContext;
  readonly #strict: boolean;
  readonly caller: Caller;

  constructor(ctx: StoreContext, caller: Caller, strict = false) {
    this.#ctx = ctx;
    this.caller = caller;
    this.#strict = strict;
  }

  /** The same, but that it refuses what is not there: for bytes that may be there all the same. */
  strictly(): Access {
    return new Access(this.#ctx, this.caller, true);
  }

  async experiment(id: string, level: Level): Promise<void> {
    const number = experimentIdOf(id);
    if (number !== undefined) return this.#experimentOf(sql`select id from experiments where id = ${number}`, level);
    if (this.#strict) throw forbidden();
  }

  experimentNamed(name: string, level: Level): Promise<void> {
    return this.#experimentOf(sql`select id from experiments where name = ${name}`, level);
  }

  run(id: string, level: Level): Promise<void> {
    return this.#experimentOf(sql`select experiment as id from runs where run_id = ${id}`, level);
  }

  loggedModel(id: string, level: Level): Promise<void> {
    return this.#experimentOf(sql`select experiment as id from logged_models where model_id = ${id}`, level);
  }

  /** Views over several experiments are everybody's. */
  view(id: string, level: Level): Promise<void> {
    return this.#experimentOf(
      sql`select experiment as id from views where view_id = ${id} and experiment is not null`,
      level,
    );
  }

  trace(id: string, level: Level): Promise<void> {
    return this.#experimentOf(sql`select experiment as id from traces where request_id = ${id}`, level);
  }

  async registeredModel(name: string, level: Level): Promise<void> {
    const row = await this.#ctx.db.get<{ permission: number | null }>(
      sql`select p.permission from registered_models m
          left join registered_model_permissions p on p.name = m.name and p.user_id = ${this.caller.id}
          where m.name = ${name}`,
    );
    this.#check(row, level);
  }

  /** Whether the caller is that user; else only admins may. */
  self(username: string): void {
    if (username !== this.caller.username) throw forbidden();
  }

  async #experimentOf(ids: Sql, level: Level): Promise<void> {
    const row = await this.#ctx.db.get<{ permission: number | null }>(
      sql`select p.permission from (${ids}) e
          left join experiment_permissions p on p.experiment = e.id and p.user_id = ${this.caller.id}`,
    );
    this.#check(row, level);
  }

  #check(row: { permission: number | null } | undefined, level: Level): void {
    if (!row && !this.#strict) return;
    if (!row) throw forbidden();
    const held = row.permission ?? PERMISSION[this.caller.defaultPermission];
    if (held < NEEDED[level]) throw forbidden();
  }
}
