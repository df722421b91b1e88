/** Copies a text and says so. */
import { useState } from 'react';

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    try {
      // Browsers offer no clipboard to pages that came over plain HTTP from another machine.
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy by hand');
    }
    setTimeout(() => setSaid(undefined), 2_000);
  };
  return (
    <button type="button" className="button" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
