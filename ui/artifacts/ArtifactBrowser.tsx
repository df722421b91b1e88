/** Trees of files on the left, the chosen file beside them: of a run with the models it logged, or of a version. */
import { type ReactNode, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { Empty, Skeleton } from '../components/Empty.js';
import { Loaded } from '../components/Loaded.js';
import { type ArtifactOwner, archiveUrl, isServed, ownerKey, useFolder } from '../queries/artifacts.js';
import { ArtifactTree } from './ArtifactTree.js';
import { ArtifactViewer } from './ArtifactViewer.js';
import { Elsewhere } from './Elsewhere.js';

export interface ArtifactPlace {
  owner: ArtifactOwner;
  title: ReactNode;
  /** As far as that is known. */
  rootUri: string | undefined;
  /** What to say where there are none. */
  empty: string;
  linkTo: (path: string) => string;
}

interface ArtifactBrowserProps {
  places: readonly ArtifactPlace[];
  /** Of which of the places the path is. */
  current: ArtifactPlace;
  path: string;
  /** The owner still writes. */
  isLive: boolean;
}

export function ArtifactBrowser({ places, current, path, isLive }: ArtifactBrowserProps) {
  const [filter, setFilter] = useState('');
  return (
    <div className="artifacts">
      <div className="artifact-trees">
        <input
          type="search"
          className="field"
          aria-label="Filter files"
          placeholder="Filter files"
          spellCheck={false}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        {places.map((place) => (
          <Tree
            key={ownerKey(place.owner)}
            place={place}
            chosen={place === current ? path : undefined}
            filter={filter.trim()}
          />
        ))}
      </div>
      <div className="artifact-view">
        {path ? (
          <ArtifactViewer
            key={`${ownerKey(current.owner)} ${path}`}
            owner={current.owner}
            path={path}
            linkTo={current.linkTo}
            isLive={isLive}
          />
        ) : (
          <NothingChosen place={current} />
        )}
      </div>
    </div>
  );
}

function NothingChosen({ place: { owner, rootUri } }: { place: ArtifactPlace }) {
  const { data, error } = useFolder(owner, '');
  if (error && rootUri !== undefined && !isServed(rootUri)) return <Elsewhere uri={rootUri} />;
  if (!data) return null;
  if (data.files.length === 0) {
    return (
      <Empty title="No files">
        <p>
          Files logged to <bdi className="wrapping">{data.rootUri}</bdi> appear here.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Choose a file to see it">
      <a className="button" href={archiveUrl(owner, '')} download>
        Download all as zip
      </a>
    </Empty>
  );
}

interface TreeProps {
  place: ArtifactPlace;
  chosen: string | undefined;
  filter: string;
}

function Tree({ place: { owner, title, rootUri, empty, linkTo }, chosen, filter }: TreeProps) {
  const id = useId();
  const root = useFolder(owner, '');
  const [, navigate] = useLocation();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="tree-title">
        {title}
      </h2>
      {root.error && rootUri !== undefined && !isServed(rootUri) ? (
        <p className="panel-empty muted">
          At <bdi className="wrapping">{rootUri}</bdi>, which this server does not list.
        </p>
      ) : (
        <Loaded query={root} what="the files" skeleton={<Skeleton rows={4} />}>
          {({ files }) =>
            files.length === 0 ? (
              <p className="panel-empty muted">{empty}</p>
            ) : (
              <ArtifactTree
                labelledBy={id}
                owner={owner}
                files={files}
                chosen={chosen}
                filter={filter}
                onChoose={(path) => navigate(linkTo(path))}
              />
            )
          }
        </Loaded>
      )}
    </section>
  );
}
