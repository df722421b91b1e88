/** Who is signed in, and the ways out. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Confirm } from '../../components/Confirm.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { loginPath } from '../../links.js';
import { signOut } from '../../queries/settings/session.js';
import { toastError } from '../../state/toasts.js';

interface AccountPanelProps {
  session: { username?: string | undefined; is_admin?: boolean | undefined; is_session?: boolean | undefined };
}

export function AccountPanel({ session }: AccountPanelProps) {
  const [, go] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const leave = (everywhere: boolean) =>
    signOut(everywhere).then(
      () => go(loginPath),
      (error) => toastError('Could not sign out', error),
    );
  return (
    <Panel title="Account">
      <p className="settings-text">
        Signed in as{' '}
        <strong>
          <UserText text={session.username ?? ''} />
        </strong>
        {session.is_admin && ', who may do everything'}.
      </p>
      <div className="buttons settings-text">
        {session.is_session && (
          <button type="button" className="button" onClick={() => leave(false)}>
            Sign out
          </button>
        )}
        <button type="button" className="button" onClick={() => setAsking(true)}>
          Sign out everywhere
        </button>
      </div>
      {isAsking && (
        <Confirm
          title="Sign out everywhere?"
          action="Sign out everywhere"
          onConfirm={() => leave(true)}
          onClose={() => setAsking(false)}
        >
          <p>Every browser that is signed in as you has to sign in again. Tokens go on working.</p>
        </Confirm>
      )}
    </Panel>
  );
}
