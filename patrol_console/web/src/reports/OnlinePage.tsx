/** Reports (统计): the online rate by area and day, the worst first; an area opens the ones below it. */
import { App, Button, Segmented, Skeleton } from 'antd';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { onlineCsv, useOnlineReport, type Period } from '../queries/reports';
import { Failed, Notice } from '../shapes/Notice';
import { dayText, serverNow } from '../time/centre';
import styles from './OnlinePage.module.css';
import { OnlineTable } from './OnlineTable';
import { saveFile } from './saveFile';

const spans = [7, 14, 31] as const;
type Span = (typeof spans)[number];

export function OnlinePage() {
  const { t } = useT();
  const { message } = App.useApp();
  const [params, setParams] = useSearchParams();
  const [saving, setSaving] = useState(false);
  const areas = useAreas().data ?? [];
  const span: Span = spans.find((days) => String(days) === params.get('days')) ?? 7;
  const period: Period = { area: params.get('area'), from: dayText(serverNow() - (span - 1) * 86_400_000), to: dayText(serverNow()) };
  const report = useOnlineReport(period);
  const above = areas.find((area) => area.id === areas.find(({ id }) => id === period.area)?.parent_id);

  function go(name: 'area' | 'days', value: string): string {
    const next = new URLSearchParams(params);
    next.set(name, value);
    return `?${next.toString()}`;
  }

  async function save(): Promise<void> {
    setSaving(true);
    try {
      saveFile(await onlineCsv(period), `online-${period.from}-${period.to}.csv`);
    } catch (error) {
      void message.error(sentenceOf(error));
    }
    setSaving(false);
  }

  const labels: Record<Span, string> = { 7: t('report:days7'), 14: t('report:days14'), 31: t('report:days31') };
  return (
    <div className={styles.page} data-testid="online-report">
      <header className={styles.head}>
        <h1>
          {t('report:reports')} · {t('report:title')}
        </h1>
        {above && (
          <Link to={go('area', above.id)} className={styles.up}>
            {t('report:back')}
          </Link>
        )}
        <Segmented<Span> aria-label={t('report:period')} value={span} onChange={(days) => setParams(go('days', String(days)).slice(1))} options={spans.map((value) => ({ value, label: labels[value] }))} />
        <Button type="primary" loading={saving} onClick={() => void save()} disabled={!report.data} data-testid="online-csv">
          {t('report:export')}
        </Button>
      </header>
      {report.isPending ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : report.isError ? (
        <Failed error={report.error} onRetry={() => void report.refetch()} />
      ) : !report.data.area && report.data.areas.length === 0 ? (
        <Notice icon="reports" title={t('report:empty')} hint={t('report:emptyHint')} />
      ) : (
        <OnlineTable report={report.data} linkTo={(areaId) => go('area', areaId)} />
      )}
      <p className={styles.definition}>{t('report:definition')}</p>
    </div>
  );
}
