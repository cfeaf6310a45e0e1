/** The severity as a shape of its own and colour, with its word beside it: never colour alone. */
import { useT } from '../i18n/useT';
import type { Severity } from '../api/nouns';

const shapes: Record<Severity, string> = {
  red: 'M7 .5 13.5 7 7 13.5.5 7z',
  orange: 'M7 1l6.5 12h-13z',
  yellow: 'M1.5 1.5h11v11h-11z',
  blue: 'M7 1a6 6 0 1 0 0 12A6 6 0 0 0 7 1z',
};

export function SeverityMark({ severity, word = true }: { severity: Severity; word?: boolean }) {
  const { t } = useT();
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6, whiteSpace: 'nowrap' }} title={t(`words:severityLong.${severity}`)}>
      <svg width="12" height="12" viewBox="0 0 14 14" aria-hidden="true" style={{ flex: 'none' }}>
        <path d={shapes[severity]} fill={`var(--${severity})`} />
      </svg>
      {word && <span>{t(`words:severity.${severity}`)}</span>}
    </span>
  );
}
