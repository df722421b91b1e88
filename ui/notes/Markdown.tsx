/** Markdown of users, sanitised: no scripts, styles, forms, names or ids, and no picture from elsewhere. Its parser is loaded when first needed. */
import { useEffect, useRef, useState } from 'react';

export function Markdown({ text }: { text: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    import('./markdown-fragment.js').then(
      ({ markdownFragment }) => {
        if (!isCurrent || !box.current) return;
        box.current.replaceChildren(markdownFragment(text));
        setDrawn(true);
      },
      // The text as it is will do.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return (
    <>
      {!isDrawn && (
        <p className="note" dir="auto">
          {text}
        </p>
      )}
      <div ref={box} className="markdown" dir="auto" hidden={!isDrawn} />
    </>
  );
}
