/** What this browser prefers, the account that is signed in with its tokens, what is in the trash, and what server this is. */
import { Frame } from '../../components/Frame.js';
import { settingsLink } from '../../links.js';
import { useSession } from '../../queries/settings/session.js';
import { AccountPanel } from './AccountPanel.js';
import { LooksPanel } from './LooksPanel.js';
import { ServerPanel } from './ServerPanel.js';
import { TokensPanel } from './TokensPanel.js';
import { TrashPanel } from './TrashPanel.js';

export function SettingsPage() {
  const { data: session } = useSession();
  const isSignedIn = session?.auth_enabled === true && session.username !== undefined;
  return (
    <Frame title="Settings" crumbs={[{ text: 'Settings', href: settingsLink }]}>
      <div className="page settings">
        <h1>Settings</h1>
        <LooksPanel />
        {isSignedIn && <AccountPanel session={session} />}
        {isSignedIn && <TokensPanel />}
        <TrashPanel />
        <ServerPanel />
      </div>
    </Frame>
  );
}
