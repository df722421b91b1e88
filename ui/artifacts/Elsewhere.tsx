/** In the place of files whose bytes the server does not hand out: where they are. */
import { CopyButton } from '../components/CopyButton.js';
import { Empty } from '../components/Empty.js';

export function Elsewhere({ uri }: { uri: string }) {
  return (
    <Empty title="The files are elsewhere">
      <p>
        This server does not hand out what is at <bdi className="wrapping">{uri}</bdi>. Read it with the means of that
        place.
      </p>
      <CopyButton text={uri} label="Copy address" />
    </Empty>
  );
}
