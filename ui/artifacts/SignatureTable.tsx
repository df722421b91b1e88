/** What a model takes and gives, as its signature says. */
import { UserText } from '../components/UserText.js';
import type { Field, ModelFacts } from './mlmodel.js';

export function SignatureTable({ model }: { model: Pick<ModelFacts, 'inputs' | 'outputs' | 'params'> }) {
  const { inputs, outputs, params } = model;
  if (inputs.length + outputs.length + params.length === 0) {
    return <p className="panel-empty muted">The model has no signature.</p>;
  }
  return (
    <table className="key-table" aria-label="Signature">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">Role</th>
        </tr>
      </thead>
      <tbody>
        <Rows fields={inputs} use="Input" />
        <Rows fields={outputs} use="Output" />
        {params.map((param) => (
          <Row key={param.name} field={param} use={`Parameter, ${param.value} by default`} />
        ))}
      </tbody>
    </table>
  );
}

function Rows({ fields, use }: { fields: readonly Field[]; use: string }) {
  return fields.map((field, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: fields without a name are told apart by their place
    <Row key={index} field={field} use={field.isRequired ? use : `${use}, optional`} />
  ));
}

function Row({ field: { name, type }, use }: { field: Field; use: string }) {
  return (
    <tr>
      <th scope="row">{name ? <UserText text={name} cut="middle" /> : <span className="muted">unnamed</span>}</th>
      <td>
        <code>{type}</code>
      </td>
      <td className="muted">{use}</td>
    </tr>
  );
}
