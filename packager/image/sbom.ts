/** The software bill of materials of an image, as SPDX 2.3 JSON (https://spdx.github.io/spdx-spec/v2.3/). */
import { createHash } from 'node:crypto';
import { encode } from './assemble.js';

export interface Component {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; undefined where only the files inside say. */
  readonly license?: string | undefined;
  /** https://github.com/package-url/purl-spec */
  readonly purl: string;
}

/** The same components give the same bytes. `main` is what the document is about. */
export function spdx(main: Component, others: readonly Component[]): Uint8Array<ArrayBuffer> {
  const components = [main, ...others];
  const hash = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  return encode({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${main.name}-${main.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${main.name}-${main.version}-${hash}`,
    creationInfo: { created: '1970-01-01T00:00:00Z', creators: [`Tool: ${main.name}-${main.version}`] },
    packages: components.map(packageOf),
    relationships: components.map((component, index) => ({
      spdxElementId: index === 0 ? 'SPDXRef-DOCUMENT' : idOf(main),
      relationshipType: index === 0 ? 'DESCRIBES' : 'CONTAINS',
      relatedSpdxElement: idOf(component),
    })),
  });
}

const idOf = ({ name, version }: Component) => `SPDXRef-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]/g, '-')}`;

function packageOf(component: Component) {
  const { name, version, license = 'NOASSERTION', purl } = component;
  return {
    SPDXID: idOf(component),
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}
