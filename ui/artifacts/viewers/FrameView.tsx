/** HTML and SVG in a frame of an opaque origin, from an answer that reaches no server; PDF in the browser's own reader. */
import { useState } from 'react';
import { Empty } from '../../components/Empty.js';
import { fileUrl } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { extensionOf, nameOf } from '../viewer-kinds.js';
import { TextStart } from './TextStart.js';

const LIMIT = 1_000_000;

export default function FrameView(props: ViewerProps) {
  const { owner, file } = props;
  const [isSource, setSource] = useState(false);
  const url = fileUrl(owner, file.path, true);
  const name = nameOf(file.path);
  if (extensionOf(file.path) === 'pdf') {
    if (!navigator.pdfViewerEnabled) return <Empty title="This browser has no reader of PDF: download the file" />;
    return <iframe className="frame-view" src={url} title={name} />;
  }
  return (
    <>
      <div className="toolbar">
        <button type="button" className="button" aria-pressed={isSource} onClick={() => setSource(!isSource)}>
          Source
        </button>
        <span className="muted">Shown apart from this page: it reaches neither this server nor any other.</span>
      </div>
      {isSource ? (
        <TextStart {...props} limit={LIMIT}>
          {(text) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            <pre className="file-text" tabIndex={0} dir="auto">
              {text}
            </pre>
          )}
        </TextStart>
      ) : (
        <iframe className="frame-view" src={url} title={name} sandbox="allow-scripts" referrerPolicy="no-referrer" />
      )}
    </>
  );
}
