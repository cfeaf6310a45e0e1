/**
 * The generated client and what each call of it shares: language, the CSRF token, and errors as `Problem`.
 * A 401 from anywhere but the sign-in itself means that the session is over; whoever listens is told once.
 */
import createClient from 'openapi-fetch';
import i18n from '../i18n';
import { Problem, problemOf } from './problem';
import type { paths } from './schema';

let csrfToken: string | null = null;
let onSessionOver: () => void = () => {};

export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

export function whenSessionIsOver(listener: () => void): void {
  onSessionOver = listener;
}

export const api = createClient<paths>({ credentials: 'same-origin' });

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', i18n.language);
    if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/session') onSessionOver();
  },
});

/** The data of an answer, or its `Problem` thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: { data?: T; error?: unknown; response: Response };
  try {
    answer = await call;
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
  if (!answer.response.ok) throw problemOf(answer.error, answer.response.status);
  return answer.data as T;
}
