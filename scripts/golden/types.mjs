/** Reads declaration files as far as a page about them needs: exported names, their declarations, and the comments before them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Top-level parts of a declaration file or of a class's body, each with the comment before it. */
export function statements(text) {
  const found = [];
  let at = 0;
  let doc = '';
  while (at < text.length) {
    if (/\s/.test(text[at])) at += 1;
    else if (text.startsWith('/**', at)) {
      const end = text.indexOf('*/', at) + 2;
      doc = prose(text.slice(at, end));
      at = end;
    } else {
      const end = endOf(text, at);
      found.push({ doc, code: text.slice(at, end).trim() });
      doc = '';
      at = end;
    }
  }
  return found;
}

/** The lines of a comment, joined to a paragraph. */
function prose(comment) {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, ''))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const BLOCK = /^(export\s+)?(declare\s+)?(abstract\s+)?(interface|class|enum|namespace)\b/;

function endOf(text, start) {
  const isBlock = BLOCK.test(text.slice(start, start + 100));
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
    else if (character === "'" || character === '"' || character === '`') at = text.indexOf(character, at + 1);
    else if ('{(['.includes(character)) depth += 1;
    else if ('})]'.includes(character)) {
      depth -= 1;
      if (isBlock && depth === 0 && character === '}') return at + 1;
    } else if (character === ';' && depth === 0) return at + 1;
  }
  return text.length;
}

/** What stands between the outer braces. */
export const bodyOf = (code) => code.slice(code.indexOf('{') + 1, code.lastIndexOf('}'));

/** Without what only the compiler needs. */
export const plain = (code) =>
  code
    .replace(/import\("[^"]+"\)\./g, '')
    .replace(/^export\s+/, '')
    .replace(/^declare\s+/, '')
    .replace(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2));

/** A name and what it is called where it comes from: `type X`, `X as Y`. */
function namesIn(list) {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter(Boolean)
    .map((part) => {
      const [from, to = from] = part.split(/\s+as\s+/);
      return { from, to };
    });
}

const modules = new Map();

function moduleAt(file) {
  if (!modules.has(file)) modules.set(file, statements(readFileSync(file, 'utf8')));
  return modules.get(file);
}

/** A declaration file that an import names. */
function fileOf(from, name) {
  const path = join(dirname(from), name.replace(/\.(js|ts)$/, '.d.ts'));
  return existsSync(path) ? path : undefined;
}

/** Every name that the file exports: `{ name, file, doc, code }`; constants of one statement have the part that is theirs. */
export function exportsOf(file) {
  const found = new Map();
  const add = (entry) => {
    if (entry && !found.has(entry.name)) found.set(entry.name, entry);
  };
  for (const { doc, code } of moduleAt(file)) {
    const declared = declaredIn(code);
    for (const { name, code: own } of declared) add({ name, file, doc, code: own });
    const list = /^export\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*['"]([^'"]+)['"])?/s.exec(code);
    if (list)
      for (const { from, to } of namesIn(list[1])) add(renamed(find(list[2] ? fileOf(file, list[2]) : file, from), to));
  }
  for (const { code } of moduleAt(file)) {
    const all = /^export\s+\*\s+from\s*['"]([^'"]+)['"]/.exec(code);
    if (all) for (const entry of exportsOf(fileOf(file, all[1]))) add(entry);
  }
  return [...found.values()];
}

const renamed = (entry, name) => entry && { ...entry, name };

/** The declaration that a name means in a file, through imports and re-exports. */
export function find(file, name) {
  if (!file) return undefined;
  for (const { doc, code } of moduleAt(file)) {
    const own = declaredIn(code).find((each) => each.name === name);
    if (own) return { name, file, doc, code: own.code };
  }
  for (const { code } of moduleAt(file)) {
    const list = /^(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*['"]([^'"]+)['"]/s.exec(code);
    const named = list && namesIn(list[1]).find(({ to }) => to === name);
    if (named) return find(fileOf(file, list[2]), named.from);
    const all = /^export\s+\*\s+from\s*['"]([^'"]+)['"]/.exec(code);
    const through = all && find(fileOf(file, all[1]), name);
    if (through) return through;
  }
  return undefined;
}

function declaredIn(code) {
  const constants = /^(?:export\s+)?declare\s+const\s+(.*);$/s.exec(code);
  if (constants) return parts(constants[1]).map((part) => ({ name: /^\w+/.exec(part)[0], code: `const ${part};` }));
  const other = /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:function|class|interface|type|enum)\s+(\w+)/.exec(
    code,
  );
  return other ? [{ name: other[1], code }] : [];
}

/** At commas that are in no brackets. */
function parts(text) {
  const found = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if ('{(['.includes(character) || (character === '<' && text[at - 1] !== '=')) depth += 1;
    else if ('})]'.includes(character) || (character === '>' && text[at - 1] !== '=')) depth -= 1;
    else if (character === ',' && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...found, text.slice(from).trim()];
}
