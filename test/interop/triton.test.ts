/** The Open Inference Protocol judged by Triton's client for Python. */
import { expect, test } from 'vitest';
import { INSTALL_TIME, TRITON_REQUIREMENTS } from '../harness/python.js';
import { modelFolder, serveModel } from '../packager/model-server.js';
import { echoModel, TYPE, type Value } from '../packager/onnx-writer.js';
import { pythonClient } from './python-client.js';

test(
  'Triton’s client finds the model, and gets back what it sends, as bytes and as JSON',
  async () => {
    const folder = await modelFolder({ 'model.onnx': echoModel(Object.keys(TYPE) as Value['type'][]) });
    const server = await serveModel(folder.path, { args: ['-w', '1', '--name', 'echo'] });
    const host = new URL(server.url).host;
    expect(await pythonClient(TRITON_REQUIREMENTS, 'triton.py', [host, 'echo'])).toBe(8);
    expect(await server.stop()).toBe(0);
    await folder.remove();
  },
  INSTALL_TIME,
);
