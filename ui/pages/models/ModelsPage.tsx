/** The registered models: found by their names or by the filter language, with a way to make a new one. */
import { useCallback, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { RegisteredModel } from '../../../api/index.js';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { SearchField } from '../../components/SearchField.js';
import { Nothing, Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { type Column, VirtualTable } from '../../components/VirtualTable.js';
import { count } from '../../display/numbers.js';
import { modelLink, modelsLink, versionLink } from '../../links.js';
import { useModels, useRegistryLive } from '../../queries/registry/models.js';
import { useSearchParam } from '../../state/search-param.js';
import { useShortcuts } from '../../state/shortcuts.js';
import { latestVersion, ownerOf } from './model-facts.js';
import { NewModel } from './NewModel.js';

type Order = 'name' | 'updated';

export default function ModelsPage() {
  const [sought, setSought] = useSearchParam('q');
  const [sort, setSort] = useSearchParam('sort');
  const [isMaking, setMaking] = useState(false);
  const [, navigate] = useLocation();
  const order: Order = sort === 'updated' ? 'updated' : 'name';
  const query = useModels(filterOf(sought));
  useRegistryLive();
  useShortcuts([
    {
      chord: '/',
      label: 'Search models',
      group: 'Models',
      run: () => document.querySelector<HTMLInputElement>('main input[type=search]')?.focus(),
    },
  ]);
  // A filter that is refused leaves the rows of the last one.
  const [kept, setKept] = useState(query.data);
  if (query.data && query.data !== kept) setKept(query.data);
  const found = query.data ?? kept;
  const models = found && sorted(found, order);
  return (
    <Frame title="Models" crumbs={[{ text: 'Models', href: modelsLink }]}>
      <div className="page page-full">
        <h1>Models</h1>
        <div className="toolbar">
          <SearchField label="Search models" value={sought} onChange={setSought} />
          <span className="muted filter-hint">
            A name, or a filter: <code>tags.owner = 'mira'</code>, <code>name LIKE 'churn%'</code>
          </span>
          <button type="button" className="button primary toolbar-end" onClick={() => setMaking(true)}>
            New model
          </button>
        </div>
        {query.error && found && (
          <p className="field-error" role="alert">
            {query.error.message.replace(/ \((GET|POST) .*$/, '')}
          </p>
        )}
        <Loaded query={{ ...query, data: models }} what="the models" skeleton={<Skeleton rows={10} />}>
          {(shown) =>
            shown.length === 0 ? (
              <NoModels isSought={sought !== ''} />
            ) : (
              <ModelTable models={shown} order={order} onOrder={(wanted) => setSort(wanted === 'name' ? '' : wanted)} />
            )
          }
        </Loaded>
        {isMaking && <NewModel onClose={() => setMaking(false)} onMade={(name) => navigate(modelLink(name))} />}
      </div>
    </Frame>
  );
}

/** What has no comparison in it is part of a name. */
function filterOf(text: string): string {
  const wanted = text.trim();
  if (wanted === '' || /[=<>]|\b(I?LIKE|IN)\b/i.test(wanted)) return wanted;
  return `name ILIKE '%${wanted.replaceAll("'", '_')}%'`;
}

const collator = new Intl.Collator('en', { numeric: true });

const sorted = (models: readonly RegisteredModel[], order: Order) =>
  [...models].sort((a, b) =>
    order === 'name'
      ? collator.compare(a.name, b.name)
      : Number(b.last_updated_timestamp) - Number(a.last_updated_timestamp),
  );

function NoModels({ isSought }: { isSought: boolean }) {
  if (isSought) return <Empty title="No model matches the search" />;
  return (
    <Empty title="No models yet">
      <p>
        Register what a run logged: from the run’s menu, from an MLmodel file among its artifacts, or with
        <code> mlflow.register_model("runs:/RUN_ID/model", "name")</code>.
      </p>
    </Empty>
  );
}

interface ModelTableProps {
  models: readonly RegisteredModel[];
  order: Order;
  onOrder: (order: Order) => void;
}

function ModelTable({ models, order, onOrder }: ModelTableProps) {
  const nothing = useCallback(() => {}, []);
  const sortable = (id: Order, label: string) => (
    <button type="button" className="sort" onClick={() => onOrder(id)}>
      {label}
      <span aria-hidden="true">{order === id ? (id === 'name' ? ' ↑' : ' ↓') : ''}</span>
    </button>
  );
  const columns: Column<RegisteredModel>[] = [
    {
      id: 'name',
      label: sortable('name', 'Name'),
      width: 200,
      sorted: order === 'name' ? 'ascending' : undefined,
      cell: ({ name }) => (
        <Link href={modelLink(name)}>
          <UserText text={name} cut="middle" />
        </Link>
      ),
    },
    { id: 'latest', label: 'Latest version', width: 112, cell: (model) => <Latest model={model} /> },
    { id: 'aliases', label: 'Aliases', width: 260, wideOnly: true, cell: (model) => <Aliases model={model} /> },
    {
      id: 'owner',
      label: 'Owner',
      width: 120,
      wideOnly: true,
      cell: (model) => {
        const owner = ownerOf(model);
        return owner ? <UserText text={owner} /> : <Nothing />;
      },
    },
    {
      id: 'updated',
      label: sortable('updated', 'Updated'),
      width: 112,
      sorted: order === 'updated' ? 'descending' : undefined,
      cell: ({ last_updated_timestamp }) => <Time at={Number(last_updated_timestamp)} />,
    },
    {
      id: 'description',
      label: 'Description',
      width: 320,
      wideOnly: true,
      cell: ({ description }) => (description ? <UserText text={description.split('\n')[0] ?? ''} /> : <Nothing />),
    },
  ];
  return (
    <>
      <VirtualTable
        label="Models"
        columns={columns}
        rows={models}
        rowKey={({ name }) => name}
        hasMore={false}
        onEnd={nothing}
      />
      <p className="status-line" role="status">
        {count(models.length, 'model')}
      </p>
    </>
  );
}

function Latest({ model }: { model: RegisteredModel }) {
  const latest = latestVersion(model);
  if (!latest) return <Nothing />;
  return <Link href={versionLink(model.name, latest.version)}>Version {latest.version}</Link>;
}

function Aliases({ model: { aliases = [] } }: { model: RegisteredModel }) {
  if (aliases.length === 0) return <Nothing />;
  return (
    <span className="chips">
      {aliases.map(({ alias, version }) => (
        <span key={alias} className="chip">
          <UserText text={`${alias} → ${version}`} />
        </span>
      ))}
    </span>
  );
}
