/** Who has signed in with this browser, and how to change that; the tokens of scripts. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client, hasNoUsers, queryClient } from '../connection.js';

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: () => client.getSession({}),
    staleTime: 5 * 60_000,
    initialData: hasNoUsers ? { auth_enabled: false } : undefined,
  });
}

/** Throws UNAUTHENTICATED for a wrong name or password. What was read as somebody else is forgotten. */
export async function signIn(username: string, password: string): Promise<void> {
  await client.createSession({ username, password });
  queryClient.clear();
}

export async function signOut(everywhere = false): Promise<void> {
  await client.deleteSession({ everywhere });
  queryClient.clear();
}

export function useTokens() {
  return useQuery({ queryKey: ['tokens'], queryFn: async () => (await client.listTokens({})).tokens });
}

/** Answers the secret, which nobody can read again. */
export function useCreateToken() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: { name: string; expiration_time: number | undefined }) => client.createToken(request),
    onSettled: () => cache.invalidateQueries({ queryKey: ['tokens'] }),
  });
}

export function useRevokeToken() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (token_id: number) => client.revokeToken({ token_id }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['tokens'] }),
  });
}
