/** Ten real models answer as Python's onnxruntime did, with and without a signature. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  casesOf,
  expectClose,
  MODEL_NAMES,
  type ModelServer,
  modelPath,
  serveModel,
  VARIANTS,
} from './model-server.js';

describe.each(MODEL_NAMES.flatMap((name) => VARIANTS.map((variant) => ({ name, variant }))))(
  '$name/$variant',
  (model) => {
    const cases = casesOf(model.name);
    let server: ModelServer;
    beforeAll(async () => {
      server = await serveModel(modelPath(model.name, model.variant), { args: ['-w', '1'] });
    });
    afterAll(async () => {
      expect(await server.stop()).toBe(0);
    });

    test.each(cases.map((each, index) => ({ index, ...each })))(
      'case $index by input name',
      async ({ inputs, outputs }) => {
        expectClose(await server.predict({ inputs }), { predictions: outputs });
      },
    );

    test.each(cases.map((each, index) => ({ index, ...each })))(
      'case $index as instances',
      async ({ inputs, outputs }) => {
        const names = Object.keys(inputs);
        const only = inputs[names[0] as string] as unknown[];
        const instances =
          names.length === 1
            ? only
            : only.map((_, row) => Object.fromEntries(names.map((name) => [name, (inputs[name] as unknown[])[row]])));
        expectClose(await server.predict({ instances }), { predictions: outputs });
        if (names.length === 1) expectClose(await server.predict({ inputs: only }), { predictions: outputs });
      },
    );
  },
);
