/** What is no text: the first 4 KiB as bytes. */
import { Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { useFileStart } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { HEX_LIMIT, Hex } from './Hex.js';

export default function HexView({ owner, file }: ViewerProps) {
  const query = useFileStart(owner, file.path, HEX_LIMIT);
  return (
    <Loaded query={query} what="the file" skeleton={<Skeleton rows={12} />}>
      {(part) => <Hex part={part} />}
    </Loaded>
  );
}
