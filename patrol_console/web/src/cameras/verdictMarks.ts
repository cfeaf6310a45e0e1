/** The mark of a verdict; a word stands beside it wherever it is shown. */
import type { Verdict } from '../api/nouns';

export const verdictMarks: Record<Verdict['status'], string> = { ok: '✓', warn: '!', fail: '✗', unknown: '?' };
