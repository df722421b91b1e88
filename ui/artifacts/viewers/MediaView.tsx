/** Sound and film, played by the browser. */
import { useState } from 'react';
import { Empty } from '../../components/Empty.js';
import { fileUrl } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { nameOf, viewerOf } from '../viewer-kinds.js';

export default function MediaView({ owner, file }: ViewerProps) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <Empty title="The browser cannot play this file" />;
  const shared = {
    src: fileUrl(owner, file.path),
    controls: true,
    preload: 'metadata',
    'aria-label': nameOf(file.path),
    onError: () => setBroken(true),
  };
  return viewerOf(file.path) === 'audio' ? <audio {...shared} /> : <video className="picture" {...shared} />;
}
