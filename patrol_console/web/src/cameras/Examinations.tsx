/** What each test of a camera found: when, the worst of it, and what was not well. */
import type { Examination } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { Moment } from '../time/Moment';
import styles from './Record.module.css';
import { verdictMarks } from './verdictMarks';

export function Examinations({ examinations }: { examinations: Examination[] }) {
  const { t } = useT();
  if (examinations.length === 0) return <p className="quiet">{t('camera:record.noExaminations')}</p>;
  return (
    <ul className={styles.entries} data-testid="examinations">
      {examinations.map((examination) => (
        <li key={examination.id} data-status={examination.worst}>
          <span className={styles.when}>
            <Moment at={examination.at} />
          </span>
          <span className={styles.what}>
            <span className={styles.mark} aria-hidden="true">
              {verdictMarks[examination.worst]}
            </span>
            {t(`words:verdict.${examination.worst}`)}
          </span>
          {examination.verdicts
            .filter((verdict) => verdict.status === 'fail' || verdict.status === 'warn')
            .map((verdict) => (
              <p key={verdict.check} className={styles.note}>
                {verdictMarks[verdict.status]} {wordFor('check', verdict.check, verdict.name)}
                {verdict.detail && ` · ${verdict.detail}`}
                {verdict.remedy && <span className="quiet"> · {t('camera:remedy', { text: verdict.remedy })}</span>}
              </p>
            ))}
        </li>
      ))}
    </ul>
  );
}
