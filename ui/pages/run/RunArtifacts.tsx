/** The files of a run and of the models it logged: trees on the left, the chosen file beside them. */
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '../../../api/index.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { UserText } from '../../components/UserText.js';
import { runLink } from '../../links.js';
import { type ArtifactOwner, isServed, useFolder } from '../../queries/artifacts.js';
import { useLoggedModels } from '../../queries/logged-models.js';
import { useSearchParam } from '../../state/search-param.js';
import { ArtifactTree } from './ArtifactTree.js';
import { ArtifactViewer } from './ArtifactViewer.js';
import { Elsewhere } from './Elsewhere.js';

export function RunArtifacts({ run }: { run: Run }) {
  const [path] = useSearchParam('path');
  const [model] = useSearchParam('model');
  const [, navigate] = useLocation();
  const { experiment_id, run_id, artifact_uri } = run.info;
  const modelIds = (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  const models = useLoggedModels(modelIds);
  const owner: ArtifactOwner = model ? { kind: 'model', id: model } : { kind: 'run', id: run_id };
  const choose = (chosen: string, chosenModel?: string) =>
    navigate(
      runLink(experiment_id, run_id, { tab: 'artifacts', path: chosen, ...(chosenModel && { model: chosenModel }) }),
    );
  return (
    <div className="artifacts">
      <div className="artifact-trees">
        <Tree
          title="Run files"
          owner={{ kind: 'run', id: run_id }}
          rootUri={artifact_uri}
          chosen={model ? undefined : path}
          onChoose={choose}
          empty="This run has no files of its own."
        />
        {modelIds.map((id, index) => {
          const info = models[index]?.data?.info;
          return (
            <Tree
              key={id}
              title={<>Model {info ? <UserText text={info.name} cut="middle" /> : id}</>}
              owner={{ kind: 'model', id }}
              rootUri={info?.artifact_uri}
              chosen={model === id ? path : undefined}
              onChoose={(chosen) => choose(chosen, id)}
              empty="This model has no files."
            />
          );
        })}
      </div>
      <div className="artifact-view">
        {path ? (
          <ArtifactViewer key={`${model} ${path}`} owner={owner} path={path} />
        ) : (
          <NothingChosen owner={owner} rootUri={artifact_uri} />
        )}
      </div>
    </div>
  );
}

function NothingChosen({ owner, rootUri }: { owner: ArtifactOwner; rootUri: string }) {
  const { data, error } = useFolder(owner, '');
  if (error && owner.kind === 'run' && !isServed(rootUri)) return <Elsewhere uri={rootUri} />;
  if (!data) return null;
  if (data.files.length === 0) {
    return (
      <Empty title="No files">
        <p>
          Files logged to <bdi className="wrapping">{data.rootUri}</bdi> appear here.
        </p>
      </Empty>
    );
  }
  return <Empty title="Choose a file to see it" />;
}

interface TreeProps {
  title: ReactNode;
  owner: ArtifactOwner;
  /** Where the files are, as far as that is known. */
  rootUri: string | undefined;
  chosen: string | undefined;
  onChoose: (path: string) => void;
  empty: string;
}

function Tree({ title, owner, rootUri, chosen, onChoose, empty }: TreeProps) {
  const id = `tree-${owner.id}`;
  const root = useFolder(owner, '');
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="tree-title">
        {title}
      </h2>
      {root.error && rootUri !== undefined && !isServed(rootUri) ? (
        <p className="panel-empty muted">
          At <bdi className="wrapping">{rootUri}</bdi>, which this server does not list.
        </p>
      ) : (
        <Loaded query={root} what="the files" skeleton={<Skeleton rows={4} />}>
          {({ files }) =>
            files.length === 0 ? (
              <p className="panel-empty muted">{empty}</p>
            ) : (
              <ArtifactTree labelledBy={id} owner={owner} files={files} chosen={chosen} onChoose={onChoose} />
            )
          }
        </Loaded>
      )}
    </section>
  );
}
