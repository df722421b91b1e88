/** The package's version, written in by the build. */
declare const __MLTRACK_VERSION__: string;
export const VERSION = __MLTRACK_VERSION__;
