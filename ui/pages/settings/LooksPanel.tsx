/** How pages look and listen in this browser. */
import { type ReactNode, useId, useState } from 'react';
import { Panel } from '../../components/Panel.js';
import { type Density, setDensity, useDensity } from '../../state/browser/density.js';
import { setTheme, type Theme, useTheme } from '../../state/browser/theme.js';
import { setSingleKeys, singleKeys } from '../../state/shortcuts.js';

export function LooksPanel() {
  const theme = useTheme();
  const { density } = useDensity();
  const [single, setSingle] = useState(singleKeys);
  return (
    <Panel title="This browser">
      <div className="settings-rows">
        <Setting<Theme>
          label="Theme"
          options={[
            ['system', 'As the system'],
            ['light', 'Light'],
            ['dark', 'Dark'],
          ]}
          value={theme}
          onChange={setTheme}
        />
        <Setting<Density>
          label="Rows of tables"
          options={[
            ['compact', 'Compact'],
            ['cosy', 'Cosy'],
          ]}
          value={density}
          onChange={setDensity}
        />
        <Setting<'on' | 'off'>
          label="Single-key shortcuts"
          options={[
            ['on', 'On'],
            ['off', 'Off'],
          ]}
          value={single ? 'on' : 'off'}
          onChange={(value) => {
            setSingleKeys(value === 'on');
            setSingle(value === 'on');
          }}
        >
          Keys such as <kbd>/</kbd>, <kbd>j</kbd> and <kbd>?</kbd>. Those with Ctrl work always.
        </Setting>
      </div>
    </Panel>
  );
}

interface SettingProps<T extends string> {
  label: string;
  options: readonly (readonly [T, string])[];
  value: T;
  onChange: (value: T) => void;
  children?: ReactNode;
}

function Setting<T extends string>({ label, options, value, onChange, children }: SettingProps<T>) {
  const name = useId();
  return (
    <fieldset className="setting">
      <legend>{label}</legend>
      <div className="segments">
        {options.map(([option, text]) => (
          <label key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
            {text}
          </label>
        ))}
      </div>
      {children && <p className="muted">{children}</p>}
    </fieldset>
  );
}
