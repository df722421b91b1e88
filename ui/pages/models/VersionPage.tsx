/** One version of a registered model: what it takes and gives, where it came from and where it runs, its files, and a place to try it. */
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { MltrackError, type ModelVersion } from '../../../api/index.js';
import { ArtifactBrowser, type ArtifactPlace } from '../../artifacts/ArtifactBrowser.js';
import { loadSnippet } from '../../artifacts/model-source.js';
import { Choice } from '../../components/Choice.js';
import { Confirm } from '../../components/Confirm.js';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { Menu } from '../../components/Menu.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { modelLink, modelsLink, type VersionTab, versionLink } from '../../links.js';
import { client } from '../../queries/connection.js';
import { useRegistryChange, useRegistryLive, useVersion } from '../../queries/registry/models.js';
import { copyText } from '../../state/clipboard.js';
import { useSearchParam } from '../../state/search-param.js';
import { useSegment } from '../../state/segment.js';
import { toast, toastError } from '../../state/toasts.js';
import { AliasEditor } from './AliasEditor.js';
import { StageSelect } from './StageSelect.js';
import { VersionOverview } from './VersionOverview.js';

const TryIt = lazy(() => import('./try/TryIt.js'));

export default function VersionPage() {
  const name = useSegment(1);
  const version = useSegment(3);
  const query = useVersion(name, version);
  useRegistryLive();
  const crumbs = [
    { text: 'Models', href: modelsLink },
    { text: name, href: modelLink(name) },
    { text: `Version ${version}`, href: versionLink(name, version) },
  ];
  const isMissing = query.error instanceof MltrackError && query.error.status < 500;
  return (
    <Frame title={`${name} version ${version} · Model`} crumbs={crumbs}>
      <div className="page">
        {isMissing && query.error ? (
          <>
            <h1>No version {version}</h1>
            <ErrorNotice what="the version" error={query.error} onRetry={query.refetch}>
              <Link href={modelLink(name)}>All versions</Link>
            </ErrorNotice>
          </>
        ) : (
          <Loaded query={query} what="the version" skeleton={<Skeleton rows={10} />}>
            {(found) => <VersionBody version={found} />}
          </Loaded>
        )}
      </div>
    </Frame>
  );
}

const TABS: { tab: VersionTab; label: string }[] = [
  { tab: 'overview', label: 'Overview' },
  { tab: 'try', label: 'Try it' },
  { tab: 'files', label: 'Files' },
];

function VersionBody({ version }: { version: ModelVersion }) {
  const [wanted] = useSearchParam('tab');
  const { name } = version;
  const current = TABS.find(({ tab }) => tab === wanted)?.tab ?? 'overview';
  return (
    <>
      <header className="page-header">
        <h1>
          <UserText text={`${name} version ${version.version}`} cut="middle" />
        </h1>
        <span className="page-header-end">
          <VersionMenu version={version} />
        </span>
      </header>
      <dl className="run-line">
        <div>
          <dt>Aliases</dt>
          <dd>
            <AliasEditor version={version} />
          </dd>
        </div>
        <div>
          <dt>Stage</dt>
          <dd>
            <StageSelect version={version} />
          </dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Time at={Number(version.creation_timestamp)} />
          </dd>
        </div>
      </dl>
      <Choice
        label="Parts of the version"
        look="tabs"
        options={TABS.map(({ tab, label }) => ({
          label,
          href: versionLink(name, version.version, { tab }),
          isCurrent: tab === current,
        }))}
      />
      <ErrorBoundary key={current} what={`the ${current}`}>
        {current === 'overview' && <VersionOverview version={version} />}
        {current === 'try' && (
          <Suspense fallback={<Skeleton rows={8} />}>
            <TryIt version={version} />
          </Suspense>
        )}
        {current === 'files' && <VersionFiles version={version} />}
      </ErrorBoundary>
    </>
  );
}

function VersionFiles({ version: { name, version, source } }: { version: ModelVersion }) {
  const [path] = useSearchParam('path');
  const place: ArtifactPlace = {
    owner: { kind: 'version', name, version },
    title: 'Files of the model',
    rootUri: source,
    empty: 'There are no files at the source of this version.',
    linkTo: (chosen) => versionLink(name, version, { tab: 'files', path: chosen }),
  };
  return <ArtifactBrowser places={[place]} current={place} path={path} isLive={false} />;
}

function VersionMenu({ version: { name, version } }: { version: ModelVersion }) {
  const [isAsking, setAsking] = useState(false);
  const [, navigate] = useLocation();
  const change = useRegistryChange();
  const uri = `models:/${name}/${version}`;
  const remove = async () => {
    try {
      await client.deleteModelVersion({ name, version });
      navigate(modelLink(name));
      await change(async () => {});
      toast(`Deleted version ${version} of ${name}`);
    } catch (error) {
      toastError('The version was not deleted', error);
    }
  };
  return (
    <>
      <Menu
        label="Version menu"
        items={[
          { label: 'Copy URI', run: () => copyText(uri, `${uri} copied`) },
          { label: 'Copy Python to load it', run: () => copyText(loadSnippet(uri), 'Python copied') },
          { label: 'Delete', run: () => setAsking(true), isDangerous: true },
        ]}
      >
        <span aria-hidden="true">⋯</span>
      </Menu>
      {isAsking && (
        <Confirm
          title={`Delete version ${version}?`}
          action="Delete for good"
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <p>
            Version {version} of <bdi>{name}</bdi> and its aliases leave the registry, and there is no way back. The
            files and the run that made them stay.
          </p>
        </Confirm>
      )}
    </>
  );
}
