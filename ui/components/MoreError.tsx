/** Below an endless list whose next page failed. */

export function MoreError({ retry }: { retry: (() => void) | undefined }) {
  if (!retry) return null;
  return (
    <p className="more-error" role="alert">
      The next rows could not be read.{' '}
      <button type="button" className="button" onClick={retry}>
        Retry
      </button>
    </p>
  );
}
