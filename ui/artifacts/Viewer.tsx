/** The viewer of a file by its kind. Each is a script of its own, loaded when a file of its kind is first looked at. */
import { type ComponentType, lazy, Suspense } from 'react';
import type { FileInfo } from '../../api/index.js';
import { Empty, Skeleton } from '../components/Empty.js';
import type { ArtifactOwner } from '../queries/artifacts.js';
import { type ViewerKind, viewerOf } from './viewer-kinds.js';

export interface ViewerProps {
  owner: ArtifactOwner;
  file: FileInfo;
  /** Files of the same folder, this one among them. */
  siblings: readonly FileInfo[];
  /** The owner still writes. */
  isLive: boolean;
  linkTo: (path: string) => string;
}

const code = lazy(() => import('./viewers/CodeView.js'));
const media = lazy(() => import('./viewers/MediaView.js'));

const VIEWERS: Record<ViewerKind, ComponentType<ViewerProps>> = {
  image: lazy(() => import('./viewers/ImageView.js')),
  table: lazy(() => import('./viewers/TableView.js')),
  json: lazy(() => import('./viewers/JsonView.js')),
  markdown: lazy(() => import('./viewers/MarkdownView.js')),
  code,
  text: code,
  log: lazy(() => import('./viewers/LogView.js')),
  frame: lazy(() => import('./viewers/FrameView.js')),
  audio: media,
  video: media,
  model: lazy(() => import('./viewers/ModelView.js')),
  bytes: lazy(() => import('./viewers/HexView.js')),
};

export function Viewer(props: ViewerProps) {
  const kind = viewerOf(props.file.path);
  const Kind = VIEWERS[kind];
  if (props.file.file_size === 0 && !(kind === 'log' && props.isLive)) return <Empty title="The file is empty" />;
  return (
    <Suspense fallback={<Skeleton rows={12} />}>
      <Kind {...props} />
    </Suspense>
  );
}
