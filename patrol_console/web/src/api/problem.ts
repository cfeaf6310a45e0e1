/** An answer that is not the one asked for: `application/problem+json`, or no answer at all. */
import i18n from '../i18n';

export class Problem extends Error {
  constructor(
    readonly status: number, // 0: the console could not be reached
    readonly code: string,
    detail: string,
    readonly fields: ReadonlyMap<string, string> = new Map(),
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'Problem';
  }

  static unreachable(cause: unknown): Problem {
    return new Problem(0, 'unreachable', i18n.t('app:problem.unreachable'), new Map(), { cause });
  }
}

/** Reads a problem document; whatever else came becomes a sentence with its status. */
export function problemOf(body: unknown, status: number): Problem {
  if (isRecord(body) && typeof body.detail === 'string') {
    return new Problem(status, typeof body.code === 'string' ? body.code : 'unknown', body.detail, fieldsOf(body.errors));
  }
  return new Problem(status, 'unknown', i18n.t('app:problem.status', { status }));
}

/** The sentence of any error, for a place that shows one. */
export function sentenceOf(error: unknown): string {
  return error instanceof Problem ? error.message : i18n.t('app:problem.unexpected');
}

function fieldsOf(errors: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  if (!Array.isArray(errors)) return fields;
  for (const entry of errors) {
    if (!isRecord(entry)) continue;
    const place = Array.isArray(entry.loc) ? entry.loc.at(-1) : (entry.field ?? entry.path);
    const said = entry.detail ?? entry.msg ?? entry.message;
    if (place !== undefined && typeof said === 'string') fields.set(String(place), said);
  }
  return fields;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
