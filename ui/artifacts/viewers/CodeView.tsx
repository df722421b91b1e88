/** Code and plain text, with line numbers; Python, JavaScript, TypeScript, JSON and YAML in colours. */
import hljs from 'highlight.js/lib/core';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import typescript from 'highlight.js/lib/languages/typescript';
import yaml from 'highlight.js/lib/languages/yaml';
import { useEffect, useRef, useState } from 'react';
import type { ViewerProps } from '../Viewer.js';
import { extensionOf } from '../viewer-kinds.js';
import { TextStart } from './TextStart.js';

const LIMIT = 1_000_000;
/** Longer texts take the browser too long to colour. */
const COLOUR_LIMIT = 200_000;

for (const [name, language] of Object.entries({ javascript, json, python, typescript, yaml })) {
  hljs.registerLanguage(name, language);
}

const LANGUAGES: [language: string, extensions: string][] = [
  ['python', 'py py3 pyi'],
  ['typescript', 'ts tsx mts cts'],
  ['javascript', 'js jsx mjs cjs'],
  ['json', 'jsonl ndjson ipynb'],
  ['yaml', 'yaml yml'],
];

const languageOf = (path: string) =>
  LANGUAGES.find(([, extensions]) => extensions.split(' ').includes(extensionOf(path)))?.[0];

export default function CodeView(props: ViewerProps) {
  return (
    <TextStart {...props} limit={LIMIT}>
      {(text) => <Code text={text} language={languageOf(props.file.path)} />}
    </TextStart>
  );
}

function Code({ text, language }: { text: string; language: string | undefined }) {
  const [wraps, setWraps] = useState(false);
  const code = useRef<HTMLElement>(null);
  const isColoured = language !== undefined && text.length <= COLOUR_LIMIT;
  useEffect(() => {
    if (!code.current || !isColoured) return;
    // The highlighter escapes the text, and the parsed result is made of nothing but spans.
    const { value } = hljs.highlight(text, { language });
    const parsed = new DOMParser().parseFromString(value, 'text/html');
    code.current.replaceChildren(...parsed.body.childNodes);
  }, [text, language, isColoured]);
  const lines = text.replace(/\n$/, '').split('\n').length;
  return (
    <>
      <div className="buttons">
        <button type="button" className="button" aria-pressed={wraps} onClick={() => setWraps(!wraps)}>
          Wrap lines
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className={`file-text code-view${wraps ? ' code-wraps' : ''}`} aria-label="Content" tabIndex={0}>
        {!wraps && (
          <pre className="line-numbers" aria-hidden="true">
            {Array.from({ length: lines }, (_, index) => index + 1).join('\n')}
          </pre>
        )}
        <pre dir={language ? 'ltr' : 'auto'}>
          <code key={`${isColoured} ${text.length}`} ref={code}>
            {isColoured ? undefined : text}
          </code>
        </pre>
      </section>
    </>
  );
}
