/** The beginning of a file as text, for the viewers of text; what is no text is shown as bytes. */
import type { ReactNode } from 'react';
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { byteSize } from '../../display/numbers.js';
import { decodeText, useFileStart } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { Hex } from './Hex.js';

interface TextStartProps extends ViewerProps {
  /** Bytes that are read at most. */
  limit: number;
  children: (text: string, isCut: boolean) => ReactNode;
}

export function TextStart({ owner, file, limit, children }: TextStartProps) {
  const query = useFileStart(owner, file.path, limit);
  return (
    <Loaded query={query} what="the file" skeleton={<Skeleton rows={12} />}>
      {(part) => {
        const text = decodeText(part);
        if (text === undefined) return <Hex part={part} />;
        const isCut = part.bytes.length < part.size;
        return (
          <>
            {isCut && (
              <p className="muted">
                The first {byteSize(part.bytes.length)} of {byteSize(part.size)}. Download the file for the rest.
              </p>
            )}
            {children(text, isCut)}
          </>
        );
      }}
    </Loaded>
  );
}
