/** Signs a browser in, and goes on to the page that was wanted. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { MltrackError } from '../../../client/index.js';
import { pageAfterLogin } from '../../links.js';
import { signIn, useSession } from '../../queries/settings/session.js';

interface Mistakes {
  username?: string;
  password?: string;
  /** Of no field: the server cannot be reached. */
  other?: string;
}

export function LoginPage() {
  const [, go] = useLocation();
  const [params] = useSearchParams();
  const next = pageAfterLogin(params.get('next'));
  const { data: session } = useSession();
  const isIn = session !== undefined && (!session.auth_enabled || session.username !== undefined);
  useEffect(() => {
    document.title = 'Sign in · mltrack';
  }, []);
  useEffect(() => {
    if (isIn) go(next, { replace: true });
  }, [isIn, next, go]);
  return (
    <main id="main" className="login" tabIndex={-1}>
      <h1>Sign in to mltrack</h1>
      <LoginForm onDone={() => go(next, { replace: true })} />
    </main>
  );
}

function LoginForm({ onDone }: { onDone: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const [username, password] = [String(fields.get('username')), String(fields.get('password'))];
    let found: Mistakes = missing(username, password);
    if (Object.keys(found).length === 0) {
      setBusy(true);
      try {
        await signIn(username, password);
        return onDone();
      } catch (error) {
        found = mistakesOf(error);
      } finally {
        setBusy(false);
      }
    }
    setMistakes(found);
    const first = found.username ? 'username' : 'password';
    form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  };
  return (
    <form ref={form} className="form" noValidate onSubmit={submit}>
      <Field label="User name" name="username" autoComplete="username" mistake={mistakes.username} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        mistake={mistakes.password}
      />
      {mistakes.other && (
        <p className="mistake" role="alert">
          {mistakes.other}
        </p>
      )}
      <button type="submit" className="button primary" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}

interface FieldProps {
  label: string;
  name: string;
  type?: string;
  autoComplete: string;
  mistake: string | undefined;
}

function Field({ label, name, type = 'text', autoComplete, mistake }: FieldProps) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field"
        name={name}
        type={type}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={mistake !== undefined}
        aria-describedby={mistake === undefined ? undefined : `${id}-mistake`}
      />
      {mistake !== undefined && (
        <p id={`${id}-mistake`} className="mistake" role="alert">
          {mistake}
        </p>
      )}
    </div>
  );
}

function missing(username: string, password: string): Mistakes {
  return {
    ...(username === '' && { username: 'Say who you are.' }),
    ...(password === '' && { password: 'The password is missing.' }),
  };
}

function mistakesOf(error: unknown): Mistakes {
  if (!(error instanceof MltrackError)) return { other: String(error) };
  if (error.code === 'UNAUTHENTICATED') return { password: 'The user name or the password is wrong.' };
  if (error.code === 'REQUEST_LIMIT_EXCEEDED') return { password: 'Too many wrong passwords: try again in a minute.' };
  return { other: error.message };
}
