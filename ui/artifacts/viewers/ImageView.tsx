/** A picture: fitted to the page, or larger, its pixels in sight beyond four times; pictures of one series by step. */
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { Empty, Skeleton } from '../../components/Empty.js';
import { Loaded } from '../../components/Loaded.js';
import { useFileStart } from '../../queries/artifacts.js';
import type { ViewerProps } from '../Viewer.js';
import { extensionOf, seriesImageOf } from '../viewer-kinds.js';

const LIMIT = 100_000_000;
const PIXELS_FROM = 4;
const MAX_ZOOM = 64;

const TYPES: Record<string, string> = { jpg: 'image/jpeg', ico: 'image/vnd.microsoft.icon' };

export default function ImageView(props: ViewerProps) {
  const { owner, file } = props;
  const query = useFileStart(owner, file.path, LIMIT);
  const extension = extensionOf(file.path);
  return (
    <>
      <StepSlider {...props} />
      <Loaded query={query} what="the picture" skeleton={<Skeleton rows={12} />}>
        {({ bytes }) => <Picture bytes={bytes} type={TYPES[extension] ?? `image/${extension}`} name={file.path} />}
      </Loaded>
    </>
  );
}

/** Among the pictures that were logged under one key. */
function StepSlider({ file, siblings, linkTo }: ViewerProps) {
  const [, navigate] = useLocation();
  const own = seriesImageOf(file.path);
  if (!own) return null;
  const series = siblings
    .map(({ path }) => ({ path, image: seriesImageOf(path) }))
    .filter(({ image }) => image?.key === own.key)
    .sort((a, b) => Number(a.image?.step) - Number(b.image?.step) || a.path.localeCompare(b.path));
  if (series.length < 2) return null;
  const place = series.findIndex(({ path }) => path === file.path);
  return (
    <label className="step-slider">
      <bdi>{own.key}</bdi>
      <input
        type="range"
        min={0}
        max={series.length - 1}
        value={place}
        aria-valuetext={`step ${own.step}`}
        onChange={(event) => {
          const to = series[Number(event.target.value)];
          if (to) navigate(linkTo(to.path), { replace: true });
        }}
      />
      <span>step {own.step}</span>
    </label>
  );
}

interface PictureProps {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  name: string;
}

function Picture({ bytes, type, name }: PictureProps) {
  const [url, setUrl] = useState<string>();
  const [isBroken, setBroken] = useState(false);
  const [size, setSize] = useState<{ width: number; height: number }>();
  /** Undefined: fitted. */
  const [zoom, setZoom] = useState<number>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (isBroken) return <Empty title="The browser cannot show this picture" />;
  if (!url) return null;
  const step = (factor: number) => setZoom(Math.min(MAX_ZOOM, Math.max(1 / 16, (zoom ?? 1) * factor)));
  return (
    <>
      <div className="toolbar">
        <fieldset className="buttons">
          <legend className="visually-hidden">Size of the picture</legend>
          <button type="button" className="button" aria-pressed={zoom === undefined} onClick={() => setZoom(undefined)}>
            Fit
          </button>
          <button type="button" className="button" aria-pressed={zoom === 1} onClick={() => setZoom(1)}>
            100 %
          </button>
          <button type="button" className="button" aria-label="Smaller" onClick={() => step(1 / 2)}>
            −
          </button>
          <button type="button" className="button" aria-label="Larger" onClick={() => step(2)}>
            +
          </button>
        </fieldset>
        <span className="muted" role="status">
          {size && `${size.width} × ${size.height} px`}
          {zoom !== undefined && ` · ${Math.round(zoom * 100)} %`}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="picture-box" aria-label="Picture" tabIndex={0}>
        <img
          className="picture"
          src={url}
          alt={name}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setSize({ width: naturalWidth, height: naturalHeight })
          }
          onError={() => setBroken(true)}
          style={
            zoom !== undefined && size
              ? {
                  maxWidth: 'none',
                  width: size.width * zoom,
                  imageRendering: zoom > PIXELS_FROM ? 'pixelated' : 'auto',
                }
              : {}
          }
        />
      </section>
    </>
  );
}
