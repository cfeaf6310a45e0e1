/** Does it come? The gateway's own attempt, as a list of ✓ ! ✗ with what to do. */
import { Button, Skeleton } from 'antd';
import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { sentenceOf } from '../api/problem';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { useTestCamera } from '../queries/cameras';
import styles from './CameraPage.module.css';
import { verdictMarks } from './verdictMarks';

export function TestPanel({ cameraId }: { cameraId: string }) {
  const { t } = useT();
  const test = useTestCamera(cameraId);
  const [params, setParams] = useSearchParams();
  const asked = useRef(false);

  useEffect(() => {
    if (params.get('test') !== '1' || asked.current) return; // just added: its first test runs by itself
    asked.current = true;
    setParams({}, { replace: true });
    test.mutate();
  }, [params, setParams, test]);

  return (
    <section className={styles.panel}>
      <div className={styles.panelHead}>
        <h2>{t('camera:testTitle')}</h2>
        <Button loading={test.isPending} onClick={() => test.mutate()} data-testid="camera-test">
          {t('camera:test')}
        </Button>
      </div>
      {test.isPending ? (
        <>
          <p className={styles.empty}>{t('camera:testing')}</p>
          <Skeleton active title={false} paragraph={{ rows: 3 }} />
        </>
      ) : test.isError ? (
        <p role="alert">{sentenceOf(test.error)}</p>
      ) : test.data ? (
        <ul className={styles.verdicts} data-testid="verdicts">
          {test.data.verdicts.map((verdict, i) => (
            <li key={i} data-status={verdict.status}>
              <span className={styles.mark} role="img" aria-label={t(`words:verdict.${verdict.status}`)}>
                {verdictMarks[verdict.status]}
              </span>
              <span>{wordFor('check', verdict.check, verdict.name)}</span>
              <span>{verdict.detail}</span>
              {verdict.remedy && <span className={styles.remedy}>{t('camera:remedy', { text: verdict.remedy })}</span>}
            </li>
          ))}
        </ul>
      ) : (
        <p className={styles.empty}>{t('camera:testHint')}</p>
      )}
    </section>
  );
}
