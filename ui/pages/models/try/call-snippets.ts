/** The same call from a shell, from Python and from TypeScript. */
import { shellQuoted } from '../../../artifacts/snippets.js';
import { client } from '../../../queries/connection.js';
import { invocationsPath } from '../../../queries/registry/serving.js';

const quoted = JSON.stringify;
/** Longer bodies are cut: a snippet is to be read. */
const MOST = 4_000;

export function callSnippets(uri: string, body: string): { language: string; code: string }[] {
  const url = client.uri + invocationsPath(uri);
  const shown = body.length > MOST ? '{"inputs": …}' : body;
  return [
    {
      language: 'curl',
      code: `curl -X POST ${shellQuoted(url)} \\\n  -H 'content-type: application/json' \\\n  -d ${shellQuoted(shown)}`,
    },
    {
      language: 'Python',
      code: `import requests

answer = requests.post(
    ${quoted(url)},
    data=${quoted(shown)},
    headers={"content-type": "application/json"},
)
print(answer.json())`,
    },
    {
      language: 'TypeScript',
      code: `const answer = await fetch(${quoted(url)}, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: ${quoted(shown)},
});
console.log(await answer.json());`,
    },
  ];
}
