/** API tokens: what scripts send in place of a password. A new one's secret is shown once. */
import { type FormEvent, useId, useState } from 'react';
import type { Token } from '../../../api/index.js';
import { Confirm } from '../../components/Confirm.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { Panel } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { useCreateToken, useRevokeToken, useTokens } from '../../queries/settings/session.js';
import { toast, toastError } from '../../state/toasts.js';

const DAY = 24 * 60 * 60 * 1000;
const LIVES = [
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
  [0, 'never'],
] as const;

export function TokensPanel() {
  const query = useTokens();
  const [asked, setAsked] = useState<Token>();
  const revoke = useRevokeToken();
  const end = (token: Token) =>
    revoke.mutate(token.token_id, {
      onSuccess: () => toast(`${token.name} is revoked`),
      onError: (error) => toastError(`Could not revoke ${token.name}`, error),
    });
  return (
    <Panel title="API tokens">
      <p className="settings-text muted">
        Scripts send one as <code>MLFLOW_TRACKING_TOKEN</code>. Each may do what you may.
      </p>
      <NewToken />
      <Loaded query={query} what="the tokens" skeleton={<Skeleton rows={2} />}>
        {(tokens) =>
          tokens.length === 0 ? (
            <p className="settings-text muted">No token yet.</p>
          ) : (
            <TokenTable tokens={tokens} onRevoke={setAsked} />
          )
        }
      </Loaded>
      {asked && (
        <Confirm
          title={`Revoke ${asked.name}?`}
          action="Revoke"
          onConfirm={() => end(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>What sends it is refused from then on.</p>
        </Confirm>
      )}
    </Panel>
  );
}

function NewToken() {
  const nameId = useId();
  const lifeId = useId();
  const [mistake, setMistake] = useState<string>();
  const create = useCreateToken();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const name = String(fields.get('name')).trim();
    const days = Number(fields.get('life'));
    setMistake(name === '' ? 'A token needs a name.' : undefined);
    if (name === '') return;
    create.mutate(
      { name, expiration_time: days === 0 ? undefined : Date.now() + days * DAY },
      { onSuccess: () => form.reset(), onError: (error) => setMistake(error.message) },
    );
  };
  return (
    <>
      <form className="settings-form" onSubmit={submit}>
        <div className="form-field">
          <label htmlFor={nameId}>Name</label>
          <input
            id={nameId}
            className="field"
            name="name"
            maxLength={100}
            autoComplete="off"
            aria-invalid={mistake !== undefined}
            aria-describedby={mistake === undefined ? undefined : `${nameId}-mistake`}
          />
        </div>
        <div className="form-field">
          <label htmlFor={lifeId}>Expires</label>
          <select id={lifeId} className="field" name="life" defaultValue={90}>
            {LIVES.map(([days, text]) => (
              <option key={days} value={days}>
                {days === 0 ? text : `in ${text}`}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className="button primary" disabled={create.isPending}>
          Create token
        </button>
      </form>
      {mistake !== undefined && (
        <p id={`${nameId}-mistake`} className="mistake settings-text" role="alert">
          {mistake}
        </p>
      )}
      {create.data && (
        <div className="secret" role="status">
          <p>
            The secret of <UserText text={create.data.token.name} />. Copy it now: it is not shown again.
          </p>
          <div className="secret-line">
            <code>{create.data.secret}</code>
            <CopyButton text={create.data.secret} label="Copy the secret" />
            <button type="button" className="button quiet" onClick={() => create.reset()}>
              Done
            </button>
          </div>
        </div>
      )}
    </>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  return (
    <table className="plain-table">
      <caption className="visually-hidden">Your tokens</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Created</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span className="visually-hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.token_id}>
            <th scope="row">
              <UserText text={token.name} />
            </th>
            <td>
              <Time at={token.creation_time} />
            </td>
            <td>{token.expiration_time === undefined ? 'never' : <Expiry at={token.expiration_time} />}</td>
            <td className="plain-table-end">
              <button type="button" className="button danger" onClick={() => onRevoke(token)}>
                Revoke<span className="visually-hidden"> {token.name}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function Expiry({ at }: { at: number }) {
  const isOver = at <= Date.now();
  return (
    <time dateTime={new Date(at).toISOString()} className={isOver ? 'status-bad' : undefined}>
      {isOver ? 'expired' : DATE.format(at)}
    </time>
  );
}
