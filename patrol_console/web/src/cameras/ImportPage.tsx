/** Many cameras from a file: choose it, see what it would do, do it; it goes on when the page is left, and is found again. */
import { App, Skeleton } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { sentenceOf } from '../api/problem';
import { BarTools } from '../app/barSlot';
import { useT } from '../i18n/useT';
import { useImport, useStartImport, type Coordinates } from '../queries/imports';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import { Failed, NoRight } from '../shapes/Notice';
import page from './CameraPage.module.css';
import styles from './ImportPage.module.css';
import { ImportHistory } from './ImportHistory';
import { ImportResult } from './ImportResult';
import { ImportStart } from './ImportStart';

interface Tried {
  importId: string; // the dry run that told what it would do
  file: File;
  coordinates: Coordinates;
}

export function ImportPage() {
  const { t } = useT();
  const { message } = App.useApp();
  const may = useMay('camera.configure');
  const [params, setParams] = useSearchParams();
  const id = params.get('id');
  const found = useImport(may ? id : null);
  const start = useStartImport();
  const [tried, setTried] = useState<Tried | null>(null);
  if (!may) return <NoRight />;

  function go(file: File, coordinates: Coordinates, dryRun: boolean): void {
    start.mutate(
      { file, coordinates, dryRun },
      {
        onSuccess: (begun) => {
          setTried(dryRun ? { importId: begun.id, file, coordinates } : null);
          setParams({ id: begun.id });
        },
        onError: (error) => void message.error(sentenceOf(error), 8),
      },
    );
  }

  const ready = tried !== null && tried.importId === id && found.data?.state === 'done' ? tried : null;
  return (
    <div className={styles.page} data-testid="import-page">
      <BarTools>
        <span className={page.title}>
          <Link to="/cameras" className={page.back}>
            <Icon name="left" size={16} />
            {t('camera:title')}
          </Link>
          <span className={page.named}>{t('camera:import.title')}</span>
        </span>
      </BarTools>
      <ImportStart primary={!ready} busy={start.isPending || found.data?.state === 'running'} onChosen={(file, coordinates) => go(file, coordinates, true)} />
      {id !== null &&
        (found.isPending ? (
          <Skeleton active paragraph={{ rows: 6 }} />
        ) : found.isError ? (
          <Failed error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <ImportResult result={found.data} starting={start.isPending} onDo={ready && (() => go(ready.file, ready.coordinates, false))} />
        ))}
      <ImportHistory chosen={id} onChoose={(chosen) => setParams({ id: chosen })} />
    </div>
  );
}
