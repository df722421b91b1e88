/** What can be shown of a file: an image, JSON laid out, or text. HTML and SVG are text here, so that no file runs or draws as part of the page. */
import { useEffect, useState } from 'react';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { byteSize } from '../../display/numbers.js';
import { type FileStart, useFileStart } from '../../queries/artifacts.js';

const TEXT_LIMIT = 1_000_000;
const IMAGE_LIMIT = 100_000_000;

const IMAGE_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
};

export function FilePreview({ rootUri, path }: { rootUri: string; path: string }) {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const imageType = IMAGE_TYPES[extension];
  const query = useFileStart(rootUri, path, imageType ? IMAGE_LIMIT : TEXT_LIMIT);
  return (
    <Loaded query={query} what="the file" skeleton={<Skeleton rows={12} />}>
      {(file) =>
        imageType ? (
          <Picture bytes={file.bytes} type={imageType} name={path} />
        ) : (
          <Text file={file} isJson={extension === 'json'} />
        )
      }
    </Loaded>
  );
}

function Picture({ bytes, type, name }: { bytes: Uint8Array<ArrayBuffer>; type: string; name: string }) {
  const [url, setUrl] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (isBroken) return <Empty title="The browser cannot show this image" />;
  return url && <img className="picture" src={url} alt={name} onError={() => setBroken(true)} />;
}

function Text({ file: { bytes, cut }, isJson }: { file: FileStart; isJson: boolean }) {
  const text = decode(bytes, cut);
  if (text === undefined) {
    return (
      <Empty title="No preview">
        <p>The file is not text. Download it to look into it.</p>
      </Empty>
    );
  }
  if (text === '') return <Empty title="The file is empty" />;
  return (
    <>
      {cut && <p className="muted file-note">The first {byteSize(bytes.length)}. Download the file for the rest.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre className="file-text" tabIndex={0} dir="auto">
        {isJson && !cut ? laidOut(text) : text}
      </pre>
    </>
  );
}

/** Undefined for what is not UTF-8 text. Of a cut file, the last character may be half there. */
function decode(bytes: Uint8Array, cut: boolean): string | undefined {
  if (bytes.subarray(0, 8_000).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
}

/** JSON with an entry on each line; as it is, where it has many lines already or is no JSON. */
function laidOut(text: string): string {
  try {
    // Parsing would round numbers of more digits than a double holds, so such a file stays as it is.
    if (/\d{16}/.test(text)) return text;
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
