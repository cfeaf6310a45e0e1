/** A place that has nothing to show: why, what to do next, and a button for it. Also for errors and lacking rights. */
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useT } from '../i18n/useT';
import { sentenceOf } from '../api/problem';
import { Icon, type IconName } from './Icon';
import styles from './Notice.module.css';

interface Props {
  icon?: IconName;
  title: string;
  hint?: string;
  action?: ReactNode;
  role?: 'alert' | 'status';
}

export function Notice({ icon, title, hint, action, role = 'status' }: Props) {
  return (
    <div className={styles.notice} role={role}>
      {icon && <Icon name={icon} size={28} />}
      <p className={styles.title}>{title}</p>
      {hint && <p className={styles.hint}>{hint}</p>}
      {action}
    </div>
  );
}

/** An error with its sentence and a button to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useT();
  return (
    <Notice
      icon="off"
      role="alert"
      title={t('state.failed')}
      hint={sentenceOf(error)}
      action={onRetry && <Button onClick={onRetry}>{t('do.retry')}</Button>}
    />
  );
}

/** The person signed in may not see this. */
export function NoRight() {
  const { t } = useT();
  return <Notice icon="lock" title={t('state.noRight')} hint={t('state.noRightHint')} />;
}
