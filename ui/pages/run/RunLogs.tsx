/** What a run's processes said: the log files among its artifacts, at the root and in the usual folders. */
import { lazy, Suspense } from 'react';
import type { FileInfo, Run } from '../../../api/index.js';
import { isLog } from '../../artifacts/viewer-kinds.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { ErrorBoundary } from '../../components/Panel.js';
import { byteSize } from '../../display/numbers.js';
import { runLink } from '../../links.js';
import { type ArtifactOwner, useFolder, useFolders } from '../../queries/artifacts.js';
import { useSearchParam } from '../../state/search-param.js';

const LogView = lazy(() => import('../../artifacts/viewers/LogView.js'));
const FOLDERS = ['logs', 'log', 'system'];

export function RunLogs({ run }: { run: Run }) {
  const owner: ArtifactOwner = { kind: 'run', id: run.info.run_id };
  const root = useFolder(owner, '');
  return (
    <Loaded query={root} what="the logs" skeleton={<Skeleton rows={12} />}>
      {({ files }) => <Found run={run} owner={owner} root={files} />}
    </Loaded>
  );
}

function Found({ run, owner, root }: { run: Run; owner: ArtifactOwner; root: readonly FileInfo[] }) {
  const [path, setPath] = useSearchParam('path');
  const { experiment_id, run_id, status } = run.info;
  const folders = root.filter((file) => file.is_dir && FOLDERS.includes(file.path)).map((file) => file.path);
  const content = useFolders(owner, folders);
  if (content.some(({ isPending }) => isPending)) return <Skeleton rows={12} />;
  const logs = [...root, ...content.flatMap(({ data }) => data?.files ?? [])]
    .filter((file) => !file.is_dir && (isLog(file.path) || isTextOf(file.path, folders)))
    .sort((a, b) => Number(isMain(b.path)) - Number(isMain(a.path)));
  const current = logs.find((file) => file.path === path) ?? logs[0];
  if (!current) {
    return (
      <Empty title="No logs">
        <p>
          A text file among the artifacts such as <code>logs/stdout.txt</code> or <code>output.log</code> is shown here,
          and followed while the run runs.
        </p>
      </Empty>
    );
  }
  return (
    <section className="file" aria-label="Log">
      {logs.length > 1 && (
        <label className="form-row form-line">
          Log
          <select className="field" value={current.path} onChange={(event) => setPath(event.target.value)}>
            {logs.map((file) => (
              <option key={file.path} value={file.path}>
                {file.path} {file.file_size !== undefined && `(${byteSize(file.file_size)})`}
              </option>
            ))}
          </select>
        </label>
      )}
      <ErrorBoundary what="the log">
        <Suspense fallback={<Skeleton rows={12} />}>
          <LogView
            key={current.path}
            owner={owner}
            file={current}
            siblings={logs}
            isLive={status === 'RUNNING'}
            linkTo={(chosen) => runLink(experiment_id, run_id, { tab: 'logs', path: chosen })}
          />
        </Suspense>
      </ErrorBoundary>
    </section>
  );
}

const isTextOf = (path: string, folders: readonly string[]) =>
  /\.txt$/i.test(path) && folders.some((folder) => path.startsWith(`${folder}/`));
const isMain = (path: string) => /(stdout|output)/i.test(path);
