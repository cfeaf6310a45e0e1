/** An import: how far it is, how many rows came to what, and each row with its reason, the refused first. */
import { App, Button, Progress, Segmented } from 'antd';
import { useState } from 'react';
import type { CameraImportDetail, ImportOutcome } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { outcomes, resultFile } from '../queries/imports';
import { saveFile } from '../reports/saveFile';
import { Moment } from '../time/Moment';
import { ImportLines } from './ImportLines';
import styles from './ImportPage.module.css';

interface Props {
  result: CameraImportDetail;
  starting: boolean;
  onDo: (() => void) | null; // a dry run whose file is at hand: the import itself
}

export function ImportResult({ result, starting, onDo }: Props) {
  const { t } = useT();
  const { message } = App.useApp();
  const [only, setOnly] = useState<ImportOutcome | 'all'>('all');
  const { counts } = result;
  const todo = counts.created + counts.changed;

  async function save(): Promise<void> {
    try {
      saveFile(await resultFile(result.id), `${result.file_name}.result.csv`);
    } catch (error) {
      void message.error(sentenceOf(error));
    }
  }

  return (
    <section className={styles.result} data-testid="import-result" data-state={result.state} data-dry={result.dry_run}>
      <header className={styles.head}>
        <h2>
          {result.file_name} · {result.dry_run ? t('camera:import.dry') : t(`words:importState.${result.state}`)}
        </h2>
        <span className="quiet">
          <Moment at={result.began_at} />
        </span>
        <span className={styles.files}>
          <Button onClick={() => void save()} disabled={result.state === 'running'} data-testid="import-result-file">
            {t('camera:import.resultFile')}
          </Button>
          {onDo && (
            <Button type="primary" disabled={todo === 0} loading={starting} onClick={onDo} data-testid="import-do">
              {t('camera:import.do', { count: todo })}
            </Button>
          )}
        </span>
      </header>
      {result.state === 'running' && (
        <div className={styles.progress} role="status" data-testid="import-progress">
          <Progress percent={(100 * result.done) / Math.max(1, result.total)} showInfo={false} />
          <span>{t('camera:import.progress', { done: result.done, total: result.total })}</span>
          <span className="quiet">{t('camera:import.leave')}</span>
        </div>
      )}
      {result.state === 'stopped' && <p role="alert">{t('camera:import.stopped', { done: result.done, total: result.total })}</p>}
      {result.unknown_columns.length > 0 && <p>{t('camera:import.unknown', { columns: result.unknown_columns.join(t('camera:listSeparator')) })}</p>}
      {onDo && todo === 0 && <p className="quiet">{t('camera:import.nothing')}</p>}
      {result.dry_run && result.state === 'done' && !onDo && <p className="quiet">{t('camera:import.again')}</p>}
      <Segmented<ImportOutcome | 'all'>
        aria-label={t('camera:import.outcome')}
        value={only}
        onChange={setOnly}
        options={[
          { value: 'all', label: `${t('camera:import.all')} ${result.done}` },
          ...outcomes.map((value) => ({ value, label: `${t(`words:importOutcome.${value}`)} ${counts[value]}` })),
        ]}
        data-testid="import-outcomes"
      />
      <ImportLines lines={only === 'all' ? result.lines : result.lines.filter((line) => line.outcome === only)} dryRun={result.dry_run} />
    </section>
  );
}
