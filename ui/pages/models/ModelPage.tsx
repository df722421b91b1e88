/** One registered model: what it is for, its tags, and its versions, two of which are compared side by side. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import { MltrackError, type RegisteredModel } from '../../../api/index.js';
import { Confirm } from '../../components/Confirm.js';
import { Skeleton } from '../../components/Empty.js';
import { ErrorNotice } from '../../components/ErrorNotice.js';
import { Frame } from '../../components/Frame.js';
import { Loaded } from '../../components/Loaded.js';
import { Menu } from '../../components/Menu.js';
import { Time } from '../../components/Time.js';
import { UserText } from '../../components/UserText.js';
import { modelLink, modelsLink } from '../../links.js';
import { NoteEditor } from '../../notes/NoteEditor.js';
import { client } from '../../queries/connection.js';
import { useModel, useRegistryChange, useRegistryLive, useVersions } from '../../queries/registry/models.js';
import { copyText } from '../../state/clipboard.js';
import { useSegment } from '../../state/segment.js';
import { toast, toastError } from '../../state/toasts.js';
import { TagTable } from '../../tags/TagTable.js';
import { NewModel } from './NewModel.js';
import { VersionsTable } from './VersionsTable.js';

export default function ModelPage() {
  const name = useSegment(1);
  const query = useModel(name);
  useRegistryLive();
  const crumbs = [
    { text: 'Models', href: modelsLink },
    { text: name, href: modelLink(name) },
  ];
  const isMissing = query.error instanceof MltrackError && query.error.status === 404;
  return (
    <Frame title={`${name} · Model`} crumbs={crumbs}>
      <div className="page">
        {isMissing && query.error ? (
          <>
            <h1>No model of this name</h1>
            <ErrorNotice what="the model" error={query.error} onRetry={query.refetch} />
          </>
        ) : (
          <Loaded query={query} what="the model" skeleton={<Skeleton rows={10} />}>
            {(model) => <ModelBody model={model} />}
          </Loaded>
        )}
      </div>
    </Frame>
  );
}

function ModelBody({ model }: { model: RegisteredModel }) {
  const { name } = model;
  const versions = useVersions(name);
  const change = useRegistryChange();
  return (
    <>
      <header className="page-header">
        <h1>
          <UserText text={name} cut="middle" />
        </h1>
        <span className="page-header-end">
          <ModelMenu name={name} />
        </span>
      </header>
      <dl className="run-line">
        <div>
          <dt>Created</dt>
          <dd>
            <Time at={Number(model.creation_timestamp)} />
          </dd>
        </div>
        <div>
          <dt>Updated</dt>
          <dd>
            <Time at={Number(model.last_updated_timestamp)} />
          </dd>
        </div>
      </dl>
      <Loaded query={versions} what="the versions" skeleton={<Skeleton rows={4} />}>
        {(found) => <VersionsTable versions={found} />}
      </Loaded>
      <div className="overview">
        <div className="overview-left">
          <NoteEditor
            title="Description"
            text={model.description ?? ''}
            empty="What the model is for, and who may use it."
            onSave={(description) => change(() => client.updateRegisteredModel({ name, description }))}
          />
        </div>
        <div className="overview-right">
          <TagTable
            tags={model.tags ?? []}
            onSet={(key, value) => change(() => client.setRegisteredModelTag({ name, key, value }))}
            onDelete={(key) => change(() => client.deleteRegisteredModelTag({ name, key }))}
          />
        </div>
      </div>
    </>
  );
}

function ModelMenu({ name }: { name: string }) {
  const [open, setOpen] = useState<'rename' | 'delete'>();
  const [, navigate] = useLocation();
  const change = useRegistryChange();
  const remove = async () => {
    try {
      await client.deleteRegisteredModel({ name });
      navigate(modelsLink);
      await change(async () => {});
      toast(`Deleted ${name}`);
    } catch (error) {
      toastError('The model was not deleted', error);
    }
  };
  return (
    <>
      <Menu
        label="Model menu"
        items={[
          { label: 'Copy name', run: () => copyText(name, 'Name copied') },
          { label: 'Rename', run: () => setOpen('rename') },
          { label: 'Delete', run: () => setOpen('delete'), isDangerous: true },
        ]}
      >
        <span aria-hidden="true">⋯</span>
      </Menu>
      {open === 'rename' && (
        <NewModel
          renamed={name}
          onClose={() => setOpen(undefined)}
          onMade={(renamed) => navigate(modelLink(renamed), { replace: true })}
        />
      )}
      {open === 'delete' && (
        <Confirm
          title="Delete the model?"
          action="Delete for good"
          onConfirm={remove}
          onClose={() => setOpen(undefined)}
        >
          <p>
            <bdi>{name}</bdi> and all its versions leave the registry, and there is no way back. The files of the models
            and the runs that made them stay.
          </p>
        </Confirm>
      )}
    </>
  );
}
