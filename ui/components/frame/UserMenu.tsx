/** Who is signed in, with the way out; nothing on a server without users. */
import { useLocation } from 'wouter';
import { loginPath, settingsLink } from '../../links.js';
import { signOut, useSession } from '../../queries/settings/session.js';
import { toastError } from '../../state/toasts.js';
import { Menu } from '../Menu.js';
import { UserText } from '../UserText.js';

export function UserMenu() {
  const { data: session } = useSession();
  const [, go] = useLocation();
  if (!session?.auth_enabled || session.username === undefined) return null;
  const leave = () =>
    signOut().then(
      () => go(loginPath),
      (error) => toastError('Could not sign out', error),
    );
  const items = [{ label: 'Settings', run: () => go(settingsLink) }];
  // Where the browser or a proxy sends a password with every request, there is nothing to sign out of.
  if (session.is_session) items.push({ label: 'Sign out', run: leave });
  return (
    <Menu label={`Signed in as ${session.username}`} items={items} className="button quiet user-menu">
      <UserText text={session.username} /> <span aria-hidden="true">▾</span>
    </Menu>
  );
}
