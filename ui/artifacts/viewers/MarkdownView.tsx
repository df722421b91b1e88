/** Markdown as it is meant, and as it is written. */
import { useState } from 'react';
import { Markdown } from '../../notes/Markdown.js';
import type { ViewerProps } from '../Viewer.js';
import { TextStart } from './TextStart.js';

const LIMIT = 1_000_000;

export default function MarkdownView(props: ViewerProps) {
  const [isSource, setSource] = useState(false);
  return (
    <TextStart {...props} limit={LIMIT}>
      {(text) => (
        <>
          <div className="buttons">
            <button type="button" className="button" aria-pressed={isSource} onClick={() => setSource(!isSource)}>
              Source
            </button>
          </div>
          {isSource ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            <pre className="file-text" tabIndex={0} dir="auto">
              {text}
            </pre>
          ) : (
            <Markdown text={text} />
          )}
        </>
      )}
    </TextStart>
  );
}
