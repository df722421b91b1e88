/** A version at a glance: its note and signature on the left, where it came from, where it runs and its tags on the right. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ModelVersion } from '../../../api/index.js';
import { loadSnippet } from '../../artifacts/model-source.js';
import { SignatureTable } from '../../artifacts/SignatureTable.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Skeleton } from '../../components/Empty.js';
import { Panel } from '../../components/Panel.js';
import { Snippet } from '../../components/Snippets.js';
import { UserText } from '../../components/UserText.js';
import { exactTime } from '../../display/times.js';
import { experimentLink, runLink } from '../../links.js';
import { NoteEditor } from '../../notes/NoteEditor.js';
import { client } from '../../queries/connection.js';
import { useExperiment } from '../../queries/experiments.js';
import { useMlmodel } from '../../queries/registry/mlmodels.js';
import { useRegistryChange, useRunsById } from '../../queries/registry/models.js';
import { Facts } from '../../tags/Facts.js';
import { TagTable } from '../../tags/TagTable.js';
import { type Deployment, deploymentsOf } from './model-facts.js';

export function VersionOverview({ version }: { version: ModelVersion }) {
  const { name } = version;
  const address = { name, version: version.version };
  const change = useRegistryChange();
  const uri = `models:/${name}/${version.version}`;
  return (
    <div className="overview">
      <div className="overview-left">
        <Lineage version={version} />
        <Signature version={version} />
        <NoteEditor
          title="Description"
          text={version.description ?? ''}
          empty="What is new in this version."
          onSave={(description) => change(() => client.updateModelVersion({ ...address, description }))}
        />
        <Snippet language="Python" code={loadSnippet(uri)} />
      </div>
      <div className="overview-right">
        <VersionFacts version={version} />
        <Deployments version={version} />
        <TagTable
          tags={version.tags ?? []}
          onSet={(key, value) => change(() => client.setModelVersionTag({ ...address, key, value }))}
          onDelete={(key) => change(() => client.deleteModelVersionTag({ ...address, key }))}
        />
      </div>
    </div>
  );
}

function Signature({ version: { name, version } }: { version: ModelVersion }) {
  const query = useMlmodel({ kind: 'version', name, version });
  const flavours = query.data?.model?.flavours.map((flavour) => flavour.name).join(', ');
  return (
    <Panel title="Signature" aside={flavours && <span className="muted">{flavours}</span>}>
      {query.isPending && <Skeleton rows={3} />}
      {query.error && <p className="panel-empty muted">There is no MLmodel file at the source of this version.</p>}
      {query.data &&
        (query.data.model ? (
          <SignatureTable model={query.data.model} />
        ) : (
          <p className="panel-empty muted">The MLmodel file is not understood. It is among the files.</p>
        ))}
    </Panel>
  );
}

function VersionFacts({ version }: { version: ModelVersion }) {
  const uri = `models:/${version.name}/${version.version}`;
  const facts: [name: string, value: ReactNode][] = [
    [
      'URI',
      <span key="uri" className="fact-copy">
        <UserText text={uri} cut="middle" />
        <CopyButton text={uri} label="Copy URI" />
      </span>,
    ],
    ['Status', version.status.toLowerCase().replaceAll('_', ' ')],
    ['Message', version.status_message && <UserText text={version.status_message} />],
    ['Created', exactTime(Number(version.creation_timestamp))],
    ['Updated', exactTime(Number(version.last_updated_timestamp))],
    ['By', version.user_id && <UserText text={version.user_id} />],
    ['Source', <UserText key="source" text={version.source} cut="middle" />],
    ['Model id', version.model_id && <UserText text={version.model_id} cut="middle" />],
  ];
  return (
    <Panel title="Facts">
      <Facts facts={facts} />
    </Panel>
  );
}

function Deployments({ version }: { version: ModelVersion }) {
  const deployments = deploymentsOf(version);
  return (
    <Panel title={deployments.length > 0 ? `Deployments (${deployments.length})` : 'Deployments'}>
      {deployments.length === 0 && (
        <p className="panel-empty muted">
          None that the registry knows of. <code>mltrack sagemaker deploy</code> writes them here.
        </p>
      )}
      {deployments.map((deployment) => (
        <Facts
          key={`${deployment.region} ${deployment.endpoint}`}
          facts={[
            ['Endpoint', <UserText key="endpoint" text={deployment.endpoint} cut="middle" />],
            ['Region', deployment.region],
            ['Image', deployment.image && <UserText text={deployment.image} cut="middle" />],
            ['Model', deployment.model && <UserText text={deployment.model} cut="middle" />],
          ]}
        />
      ))}
    </Panel>
  );
}

/** From the experiment to where the version runs. */
function Lineage({ version }: { version: ModelVersion }) {
  const [run] = useRunsById(version.run_id ? [version.run_id] : []);
  const info = run?.data?.info;
  const deployments = deploymentsOf(version);
  const images = [...new Set(deployments.flatMap(({ image }) => image ?? []))];
  return (
    <Panel title="Lineage">
      <ol className="lineage">
        {info && (
          <>
            <Experiment id={info.experiment_id} />
            <Step kind="Run">
              <Link href={runLink(info.experiment_id, info.run_id)}>
                <UserText text={info.run_name || info.run_id} cut="middle" />
              </Link>
            </Step>
          </>
        )}
        {!info && version.run_id && (
          <Step kind="Run">
            <UserText text={version.run_id} cut="middle" />
          </Step>
        )}
        <Step kind="Version">
          <UserText text={`${version.name} v${version.version}`} cut="middle" />
        </Step>
        {images.map((image) => (
          <Step key={image} kind="Image">
            <UserText text={image.slice(image.lastIndexOf('/') + 1)} cut="middle" />
          </Step>
        ))}
        {deployments.map(({ endpoint, region }: Deployment) => (
          <Step key={`${region} ${endpoint}`} kind="Endpoint">
            <UserText text={endpoint} cut="middle" />
          </Step>
        ))}
      </ol>
    </Panel>
  );
}

function Experiment({ id }: { id: string }) {
  const { data } = useExperiment(id);
  return (
    <Step kind="Experiment">
      <Link href={experimentLink(id)}>
        <UserText text={data?.name ?? id} cut="middle" />
      </Link>
    </Step>
  );
}

function Step({ kind, children }: { kind: string; children: ReactNode }) {
  return (
    <li>
      <span className="muted lineage-kind">{kind}</span>
      {children}
    </li>
  );
}
