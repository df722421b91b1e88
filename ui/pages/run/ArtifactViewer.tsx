/** One artifact: its size, how to get it, and what can be shown of it. Nothing in a file ever becomes markup. */
import { useState } from 'react';
import { CopyButton } from '../../components/CopyButton.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { UserText } from '../../components/UserText.js';
import { byteSize } from '../../display/numbers.js';
import { type ArtifactOwner, downloadUrl, isServed, useFolder } from '../../queries/artifacts.js';
import { Elsewhere } from './Elsewhere.js';
import { FilePreview } from './FilePreview.js';

/** Larger files are read only when asked for. */
const ASK_FROM = 10_000_000;

export function ArtifactViewer({ owner, path }: { owner: ArtifactOwner; path: string }) {
  const folder = useFolder(owner, path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
  return (
    <Loaded query={folder} what="the file" skeleton={<Skeleton rows={8} />}>
      {({ rootUri, files }) => {
        const file = files.find((each) => each.path === path);
        if (!file) {
          return (
            <Empty title="No such file">
              <p>
                There is nothing at <bdi className="wrapping">{path}</bdi>.
              </p>
            </Empty>
          );
        }
        if (file.is_dir) return <Empty title="A folder: choose a file in it" />;
        return <File rootUri={rootUri} path={path} size={file.file_size} />;
      }}
    </Loaded>
  );
}

function File({ rootUri, path, size }: { rootUri: string; path: string; size: number | undefined }) {
  const [isAsked, setAsked] = useState(false);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isLarge = size !== undefined && size >= ASK_FROM;
  return (
    <section aria-label={name} className="file">
      <header className="file-header">
        <h2>
          <UserText text={name} cut="middle" />
        </h2>
        {size !== undefined && <span className="muted">{byteSize(size)}</span>}
        <div className="buttons">
          {isServed(rootUri) && (
            <a className="button primary" href={downloadUrl(rootUri, path)} download={name}>
              Download
            </a>
          )}
          <CopyButton text={path} label="Copy path" />
        </div>
      </header>
      {!isServed(rootUri) && <Elsewhere uri={`${rootUri.replace(/\/$/, '')}/${path}`} />}
      {isServed(rootUri) && isLarge && !isAsked && (
        <Empty title={`${byteSize(size)} is much to show`}>
          <button type="button" className="button" onClick={() => setAsked(true)}>
            Show it all the same
          </button>
        </Empty>
      )}
      {isServed(rootUri) && (!isLarge || isAsked) && <FilePreview rootUri={rootUri} path={path} />}
    </section>
  );
}
