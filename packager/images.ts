/** Images alone: what a build needs to be loaded of the packager, so that an unchanged one is over when it has begun. */
export { writeArchive } from './image/archive.js';
export { PLATFORMS, type Platform } from './image/assemble.js';
export { type BuildOptions, type BuiltImage, buildImage } from './image/build.js';
export type { Blob, Image } from './image/image.js';
export { writeLayout } from './image/layout.js';
