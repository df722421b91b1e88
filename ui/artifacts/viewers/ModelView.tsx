/** An MLmodel file: what the model takes and gives, its flavours, how it is loaded, and a way to register it. */
import { useState } from 'react';
import { Panel } from '../../components/Panel.js';
import { Snippet } from '../../components/Snippets.js';
import { UserText } from '../../components/UserText.js';
import { readMlmodel } from '../mlmodel.js';
import { loadSnippet, modelUri, sourceOf } from '../model-source.js';
import { RegisterModel } from '../RegisterModel.js';
import { SignatureTable } from '../SignatureTable.js';
import type { ViewerProps } from '../Viewer.js';
import { TextStart } from './TextStart.js';

const LIMIT = 1_000_000;

export default function ModelView(props: ViewerProps) {
  return (
    <TextStart {...props} limit={LIMIT}>
      {(text) => <Model text={text} {...props} />}
    </TextStart>
  );
}

function Model({ text, owner, file }: ViewerProps & { text: string }) {
  const [isRegistering, setRegistering] = useState(false);
  const folder = file.path.replace(/\/?MLmodel$/, '');
  const model = readMlmodel(text);
  const source = sourceOf(owner, folder);
  const raw = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre className="file-text" tabIndex={0} dir="auto">
      {text}
    </pre>
  );
  return (
    <>
      {source && (
        <div className="buttons">
          <button type="button" className="button" onClick={() => setRegistering(true)}>
            Register model
          </button>
        </div>
      )}
      {model ? (
        <>
          <Panel title="Signature">
            <SignatureTable model={model} />
          </Panel>
          {model.flavours.map(({ name, facts }) => (
            <Panel key={name} title={`Flavour ${name}`}>
              <dl className="facts">
                {facts.map(([key, value]) => (
                  <div key={key}>
                    <dt>{key}</dt>
                    <dd>
                      <UserText text={value} cut="middle" />
                    </dd>
                  </div>
                ))}
              </dl>
            </Panel>
          ))}
          <Snippet language="Python" code={loadSnippet(modelUri(owner, folder))} />
          <details>
            <summary>The file</summary>
            {raw}
          </details>
        </>
      ) : (
        raw
      )}
      {isRegistering && source && (
        <RegisterModel sources={[{ label: folder || 'model', source }]} onClose={() => setRegistering(false)} />
      )}
    </>
  );
}
