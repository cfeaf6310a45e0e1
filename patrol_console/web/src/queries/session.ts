/** Who is signed in. `null` means nobody: the page shows the sign-in where it stands and comes back to it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, setCsrfToken, take } from '../api/client';
import type { Action, Session } from '../api/nouns';
import { Problem } from '../api/problem';
import { followEvents, restartEvents } from '../events/follow';
import { suggestLanguage } from '../i18n';
import { rememberSignedIn } from '../session/remembered';
import { keys } from './keys';

export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: async (): Promise<Session | null> => {
      try {
        return accept(await take(api.GET('/api/session')));
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; password: string }) => take(api.POST('/api/session', { body })),
    onSuccess: (session) => {
      const before = cache.getQueryData<Session | null>(keys.session);
      if (before === null) cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'hub' });
      restartEvents(); // before `accept`, which begins to follow: one connection, not two
      cache.setQueryData(keys.session, accept(session));
    },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/session')),
    onSettled: () => {
      rememberSignedIn(false);
      cache.setQueryData(keys.session, null);
      restartEvents();
    },
  });
}

/** Whether the person signed in may do this anywhere; the server asks again for each thing. */
export function useMay(action: Action): boolean {
  return useSession().data?.user.can.includes(action) ?? false;
}

function accept(session: Session): Session {
  setCsrfToken(session.csrf_token);
  rememberSignedIn(true);
  followEvents();
  suggestLanguage(session.user.language);
  return session;
}
