/** `application/x-npy` judged by numpy: what it writes is read, and it reads what is answered. */
import { expect, test } from 'vitest';
import { EXAMPLE_REQUIREMENTS, INSTALL_TIME } from '../harness/python.js';
import { modelFolder, serveModel } from '../packager/model-server.js';
import { echoModel, TYPE, type Value } from '../packager/onnx-writer.js';
import { pythonClient } from './python-client.js';

/** numpy's names where they are not ONNX's. */
const NUMPY: Partial<Record<Value['type'], string>> = { float: 'float32', double: 'float64' };

test(
  'numpy’s arrays are read and its types answered, or refused by name',
  async () => {
    const types = Object.keys(TYPE) as Value['type'][];
    const served = await Promise.all(
      types.map(async (type) => {
        const folder = await modelFolder({
          'model.onnx': echoModel([type]),
        });
        return { type, folder, server: await serveModel(folder.path, { args: ['-w', '1'] }) };
      }),
    );
    const urls = Object.fromEntries(served.map(({ type, server }) => [NUMPY[type] ?? type, server.url]));
    expect(await pythonClient(EXAMPLE_REQUIREMENTS, 'npy.py', [JSON.stringify(urls)])).toBe(127);
    for (const { folder, server } of served) {
      expect(await server.stop()).toBe(0);
      await folder.remove();
    }
  },
  INSTALL_TIME,
);
