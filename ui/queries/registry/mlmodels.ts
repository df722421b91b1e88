/** The MLmodel file of a model, read and understood. */
import { useQuery } from '@tanstack/react-query';
import { type ModelFacts, readMlmodel } from '../../artifacts/mlmodel.js';
import { type ArtifactOwner, decodeText, ownerKey, readPart } from '../artifacts.js';

const LIMIT = 1_000_000;

export interface Mlmodel {
  text: string;
  /** Undefined for what is not understood. */
  model: ModelFacts | undefined;
}

export function useMlmodel(owner: ArtifactOwner) {
  return useQuery({
    queryKey: ['mlmodel', ownerKey(owner)],
    queryFn: async (): Promise<Mlmodel> => {
      const text = decodeText(await readPart(owner, 'MLmodel', `bytes=0-${LIMIT - 1}`)) ?? '';
      return { text, model: readMlmodel(text) };
    },
    staleTime: 60_000,
  });
}
