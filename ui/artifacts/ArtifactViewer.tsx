/** One artifact: its size, how to get it, its neighbours, and what can be shown of it. */
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { FileInfo } from '../../api/index.js';
import { CopyButton } from '../components/CopyButton.js';
import { Empty, Skeleton } from '../components/Empty.js';
import { Loaded } from '../components/Loaded.js';
import { Menu } from '../components/Menu.js';
import { ErrorBoundary } from '../components/Panel.js';
import { UserText } from '../components/UserText.js';
import { byteSize, count } from '../display/numbers.js';
import { type ArtifactOwner, archiveUrl, fileUrl, useFolder } from '../queries/artifacts.js';
import { copyText } from '../state/clipboard.js';
import { downloadSnippets } from './snippets.js';
import { Viewer } from './Viewer.js';
import { nameOf, readsParts, viewerOf } from './viewer-kinds.js';

/** Larger files are read only when asked for. */
const ASK_FROM = 10_000_000;

interface ArtifactViewerProps {
  owner: ArtifactOwner;
  path: string;
  /** The page of another file. */
  linkTo: (path: string) => string;
  /** The owner still writes. */
  isLive: boolean;
}

export function ArtifactViewer({ owner, path, linkTo, isLive }: ArtifactViewerProps) {
  const folder = useFolder(owner, path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
  return (
    <Loaded query={folder} what="the file" skeleton={<Skeleton rows={8} />}>
      {({ files }) => {
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
        if (file.is_dir) return <FolderView owner={owner} path={path} linkTo={linkTo} />;
        return <File owner={owner} file={file} siblings={files} linkTo={linkTo} isLive={isLive} />;
      }}
    </Loaded>
  );
}

/** A folder is what is in it, and a zip. */
function FolderView({ owner, path, linkTo }: Omit<ArtifactViewerProps, 'isLive'>) {
  const folder = useFolder(owner, path);
  return (
    <section aria-label={nameOf(path)} className="file">
      <FileHeader name={nameOf(path)} facts={folder.data ? count(folder.data.files.length, 'entry', 'entries') : ''}>
        <a className="button primary" href={archiveUrl(owner, path)} download>
          Download zip
        </a>
        <CopyButton text={path} label="Copy path" />
      </FileHeader>
      <Loaded query={folder} what="the folder" skeleton={<Skeleton rows={4} />}>
        {({ files }) => (
          <ul className="folder">
            {files.map((file) => (
              <li key={file.path}>
                <Link href={linkTo(file.path)}>
                  <UserText text={nameOf(file.path) + (file.is_dir ? '/' : '')} cut="middle" />
                </Link>
                {file.file_size !== undefined && !file.is_dir && (
                  <span className="muted">{byteSize(file.file_size)}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}

interface FileProps extends Omit<ArtifactViewerProps, 'path'> {
  file: FileInfo;
  siblings: readonly FileInfo[];
}

function File({ owner, file, siblings, linkTo, isLive }: FileProps) {
  const { path, file_size: size } = file;
  const [isAsked, setAsked] = useState(false);
  const [, navigate] = useLocation();
  const name = nameOf(path);
  const kind = viewerOf(path);
  const isLarge = size !== undefined && size >= ASK_FROM && !readsParts(kind);
  const files = siblings.filter(({ is_dir }) => !is_dir);
  const place = files.findIndex((each) => each.path === path);
  const neighbour = (step: number, label: string) => {
    const other = files[place + step];
    if (files.length < 2) return null;
    return (
      <button
        type="button"
        className="button quiet"
        aria-label={label}
        disabled={!other}
        onClick={() => other && navigate(linkTo(other.path))}
      >
        <span aria-hidden="true">{step < 0 ? '←' : '→'}</span>
      </button>
    );
  };
  return (
    <section aria-label={name} className="file">
      <FileHeader name={name} facts={size === undefined ? '' : byteSize(size)}>
        {neighbour(-1, 'Previous file')}
        {neighbour(1, 'Next file')}
        <a className="button primary" href={fileUrl(owner, path)} download={name}>
          Download
        </a>
        <CopyButton text={path} label="Copy path" />
        <Menu
          label="More about the file"
          items={[
            ...downloadSnippets(owner, path).map(({ language, code }) => ({
              label: `Copy ${language} to download it`,
              run: () => copyText(code, `${language} copied`),
            })),
            { label: 'Copy address', run: () => copyText(fileUrl(owner, path), 'Address copied') },
            { label: 'Open raw', run: () => window.open(fileUrl(owner, path, true), '_blank', 'noopener') },
          ]}
        >
          <span aria-hidden="true">⋯</span>
        </Menu>
      </FileHeader>
      {isLarge && !isAsked ? (
        <Empty title={`${byteSize(size)} is much to show`}>
          <button type="button" className="button" onClick={() => setAsked(true)}>
            Show it all the same
          </button>
        </Empty>
      ) : (
        <ErrorBoundary what={name}>
          <Viewer owner={owner} file={file} siblings={files} isLive={isLive} linkTo={linkTo} />
        </ErrorBoundary>
      )}
    </section>
  );
}

function FileHeader({ name, facts, children }: { name: string; facts: string; children: ReactNode }) {
  return (
    <header className="file-header">
      <h2>
        <UserText text={name} cut="middle" />
      </h2>
      {facts && <span className="muted">{facts}</span>}
      <div className="buttons">{children}</div>
    </header>
  );
}
