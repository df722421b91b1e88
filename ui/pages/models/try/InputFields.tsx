/** A field for each input of a signature, with what is wrong with it beside it. */
import { type ReactNode, useId } from 'react';
import type { ServingSpec } from '../../../queries/registry/serving.js';
import { PictureField } from './PictureField.js';
import { fieldKey, fieldLabel, kindOf, pictureShape, type Values } from './request.js';

interface InputFieldsProps {
  fields: readonly ServingSpec[];
  values: Values;
  errors: Readonly<Record<string, string>>;
  onChange: (key: string, value: string) => void;
}

export function InputFields({ fields, values, errors, onChange }: InputFieldsProps) {
  return fields.map((field, place) => {
    const key = fieldKey(field, place);
    return (
      <Input
        key={key}
        field={field}
        label={fieldLabel(field, place)}
        value={values[key] ?? ''}
        error={errors[key]}
        onChange={(value) => onChange(key, value)}
      />
    );
  });
}

interface InputProps {
  field: ServingSpec;
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function Input({ field, label, value, error, onChange }: InputProps) {
  const id = useId();
  const kind = kindOf(field);
  const shared = { id, 'aria-describedby': `${id}-said`, 'aria-invalid': error !== undefined };
  const picture = kind === 'tensor' ? pictureShape(field) : undefined;
  const control: Record<string, () => ReactNode> = {
    number: () => (
      <input
        {...shared}
        className="field"
        inputMode="decimal"
        value={value}
        onChange={(e) => onChange(e.target.value)}
      />
    ),
    integer: () => (
      <input
        {...shared}
        className="field"
        inputMode="numeric"
        value={value}
        onChange={(e) => onChange(e.target.value)}
      />
    ),
    text: () => (
      <input {...shared} className="field" dir="auto" value={value} onChange={(e) => onChange(e.target.value)} />
    ),
    boolean: () =>
      field.required === false ? (
        <select {...shared} className="field" value={value} onChange={(e) => onChange(e.target.value)}>
          <option value="">not given</option>
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      ) : (
        <input
          {...shared}
          type="checkbox"
          className="try-check"
          checked={value === 'true'}
          onChange={(e) => onChange(String(e.target.checked))}
        />
      ),
    json: () => (
      <textarea
        {...shared}
        className="field code-field"
        rows={3}
        placeholder={field.shape && placeholderOf(field.shape)}
        spellCheck={false}
        value={value}
        onChange={(e) => onChange(e.target.value)}
      />
    ),
  };
  const long = value.length > 2_000;
  return (
    <div className="try-field">
      <label htmlFor={id}>
        <bdi>{label}</bdi>{' '}
        <span className="muted">
          {field.type}
          {field.shape && ` (${field.shape.map((size) => (size < 0 ? 'any' : size)).join(', ')})`}
          {field.required === false && ', optional'}
        </span>
      </label>
      {picture && <PictureField label={label} shape={picture} isBytes={field.type === 'uint8'} onTensor={onChange} />}
      {long ? (
        <div className="buttons">
          <span className="muted">{value.length.toLocaleString('en')} characters of JSON</span>
          <button type="button" id={id} className="button" onClick={() => onChange('')}>
            Clear
          </button>
        </div>
      ) : (
        (control[kind] ?? control.json)?.()
      )}
      <span id={`${id}-said`} className="field-error" role={error ? 'alert' : undefined}>
        {error}
      </span>
    </div>
  );
}

/** Lists of zeros of the shape, as far as they are short. */
function placeholderOf(shape: readonly number[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return '0';
  const inner = placeholderOf(rest);
  const shown = Math.min(size < 0 ? 1 : size, 4);
  return `[${Array.from({ length: shown }, () => inner).join(', ')}${size > shown ? ', …' : ''}]`;
}
