/** What server this is: for whoever asks somebody else for help. */
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { Panel } from '../../components/Panel.js';
import { UserText } from '../../components/UserText.js';
import { useServerFacts } from '../../queries/settings/trash.js';

export function ServerPanel() {
  const query = useServerFacts();
  return (
    <Panel title="Server">
      <Loaded query={query} what="the server’s facts" skeleton={<Skeleton rows={4} />}>
        {(facts) => (
          <dl className="settings-facts">
            <dt>Version</dt>
            <dd>mltrack {facts.version}</dd>
            <dt>Database</dt>
            <dd>
              {facts.store}, schema {facts.schema_version}
            </dd>
            <dt>Artifacts of new experiments</dt>
            <dd>
              <UserText text={facts.default_artifact_root} />
            </dd>
            <dt>Users</dt>
            <dd>
              {facts.auth_enabled
                ? `sign in, and may ${PERMITTED[facts.default_permission ?? ''] ?? 'do what they were given'} where they were given nothing else`
                : 'nobody signs in: who reaches the server may do everything'}
            </dd>
          </dl>
        )}
      </Loaded>
    </Panel>
  );
}

const PERMITTED: Record<string, string> = {
  READ: 'read',
  USE: 'use',
  EDIT: 'change',
  MANAGE: 'do everything',
  NO_PERMISSIONS: 'do nothing',
};
