/**
 * The page at a model server's root: what the model takes and gives, and a request to send. One piece of HTML that asks
 * nothing of other hosts; its policy allows its own style and script by their hashes.
 */
import { createHash } from 'node:crypto';
import type { Answer } from '../http.js';
import { shapeText } from '../tensor.js';
import { curlLine } from './curl-line.js';
import type { Example } from './examples.js';
import type { Described } from './openapi.js';
import { tryIt } from './try-script.js';
import { STYLE } from './try-style.js';

const SCRIPT = `(${tryIt})(${curlLine});`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  "default-src 'none'",
  `style-src ${hash(STYLE)}`,
  `script-src ${hash(SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

export const tryPage = (described: Described): Answer => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  headers: HEADERS,
  body: page(described),
});

const ENTITIES: Partial<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attributes. Names come from the model, and nobody has checked them. */
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

function page({ engine, examples, title, version }: Described): string {
  const { inputs, outputs } = engine.interface;
  const name = escaped(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} · mltrack</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${name}</h1>
<p>An ONNX model, served by mltrack ${escaped(version)}</p>
<nav aria-label="About the model"><a href="openapi.json">OpenAPI document</a> <a href="metrics">Metrics</a></nav>
</header>
${table('Inputs', inputs.map(tensorRow))}
${table('Outputs', outputs.map(outputRow))}
${requestForm(examples.first, examples.answered)}
<section aria-labelledby="curl-title">
<h2 id="curl-title">The same from a shell</h2>
<pre id="curl" tabindex="0" aria-labelledby="curl-title"></pre>
<div class="row"><button type="button" id="copy">Copy</button><span id="copied" role="status"></span></div>
</section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[] | undefined;
}

const tensorRow = ({ name, type, shape }: Tensor) => [name, type, shape ? shapeText(shape) : 'any'];

function outputRow({ name, type, shape, labels }: Tensor & { readonly labels: readonly string[] | undefined }) {
  return labels ? [name, type, `maps of ${labels.join(', ')}`] : [name, type, shapeText(shape ?? [])];
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  const id = title.toLowerCase();
  const cells = (row: readonly string[]) => row.map((cell) => `<td>${escaped(cell)}</td>`).join('');
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<table aria-labelledby="${id}">
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Shape</th></tr></thead>
<tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</tbody>
</table>
</section>`;
}

function requestForm(first: Example, answered: readonly Example[]): string {
  const shown = answered.length > 0 ? answered : [first];
  const note =
    answered.length > 0 ? '' : '<p class="note">The model refuses a body of zeros: give it values of your own.</p>';
  // The parser drops a line break that follows the tag.
  return `<section aria-labelledby="try">
<h2 id="try">Try it</h2>
${note}
<form id="request">
<div class="row"><label for="form">Written as</label> <select id="form">${shown.map(option).join('')}</select></div>
<label for="body">Body of POST /invocations</label>
<textarea id="body" rows="8" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="keys">
${escaped(first.body)}</textarea>
<div class="row"><button id="send" class="main">Send</button><span id="keys">Ctrl+Enter sends, too</span></div>
</form>
<p id="status" role="status"></p>
<pre id="reply" tabindex="0" role="region" aria-label="Answer" hidden></pre>
<noscript><p>Without JavaScript this page sends nothing. The example is at <a href="example">/example</a>.</p></noscript>
</section>`;
}

const option = ({ form, contentType, body }: Example) =>
  `<option value="${escaped(form)}" data-type="${escaped(contentType)}" data-body="${escaped(body)}">${escaped(form)} (${escaped(contentType)})</option>`;
