/** The files of a run and of the models it logged. */
import type { Run } from '../../../api/index.js';
import { ArtifactBrowser, type ArtifactPlace } from '../../artifacts/ArtifactBrowser.js';
import { UserText } from '../../components/UserText.js';
import { runLink } from '../../links.js';
import { useLoggedModels } from '../../queries/logged-models.js';
import { useSearchParam } from '../../state/search-param.js';

export function RunArtifacts({ run }: { run: Run }) {
  const [path] = useSearchParam('path');
  const [model] = useSearchParam('model');
  const { experiment_id, run_id, artifact_uri, status } = run.info;
  const modelIds = (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  const models = useLoggedModels(modelIds);
  const own: ArtifactPlace = {
    owner: { kind: 'run', id: run_id },
    title: 'Run files',
    rootUri: artifact_uri,
    empty: 'This run has no files of its own.',
    linkTo: (chosen) => runLink(experiment_id, run_id, { tab: 'artifacts', path: chosen }),
  };
  const ofModels = modelIds.map((id, index): ArtifactPlace => {
    const info = models[index]?.data?.info;
    return {
      owner: { kind: 'model', id },
      title: <>Model {info ? <UserText text={info.name} cut="middle" /> : id}</>,
      rootUri: info?.artifact_uri,
      empty: 'This model has no files.',
      linkTo: (chosen) => runLink(experiment_id, run_id, { tab: 'artifacts', model: id, path: chosen }),
    };
  });
  const current = ofModels[modelIds.indexOf(model)] ?? own;
  return <ArtifactBrowser places={[own, ...ofModels]} current={current} path={path} isLive={status === 'RUNNING'} />;
}
