/** What happened to an alert, oldest first: when, who, what, and what was written. */
import type { AlertStep } from '../api/nouns';
import { useT } from '../i18n/useT';
import { momentText } from '../time/centre';
import styles from './AlertDetailView.module.css';

export function Timeline({ steps }: { steps: readonly AlertStep[] }) {
  const { t } = useT();
  return (
    <section>
      <h2>{t('alert:timeline')}</h2>
      <ol className={styles.steps} data-testid="timeline">
        {steps.map((step, i) => (
          <li key={i}>
            <time dateTime={step.at}>{momentText(step.at)}</time>
            <span>
              {step.actor_name && `${step.actor_name} `}
              {t(`words:verb.${step.verb}`)}
            </span>
            {step.note && <span className={styles.note}>{step.note}</span>}
            {step.detail && <span className={styles.note}>{step.detail}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
