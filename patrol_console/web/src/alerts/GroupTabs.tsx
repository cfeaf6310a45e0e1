/** 待我处理 · 处置中 · 已结, each with its count; and a choice of severity. */
import { Select } from 'antd';
import { alertGroups, severities, type Severity } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useAlertCounts } from '../queries/alerts';
import { SeverityMark } from '../shapes/SeverityMark';
import styles from './QueuePage.module.css';
import type { Queue } from './useQueue';

export function GroupTabs({ queue }: { queue: Queue }) {
  const { t } = useT();
  const counts = useAlertCounts().data;
  return (
    <>
      <div role="tablist" aria-label={t('alert:groups')} className={styles.tabs}>
        {alertGroups.map((group) => {
          const count = counts?.[group];
          return (
            <button
              key={group}
              type="button"
              role="tab"
              aria-selected={queue.group === group}
              className={styles.tab}
              onClick={() => queue.chooseGroup(group)}
              data-testid={`group-${group}`}
            >
              {t(`words:alertGroup.${group}`)}
              {count && group !== 'done' && <span className={styles.number}>{severities.reduce((sum, name) => sum + (count[name] ?? 0), 0)}</span>}
            </button>
          );
        })}
      </div>
      <Select<Severity | ''>
        variant="borderless"
        value={queue.severity ?? ''}
        onChange={(value) => queue.chooseSeverity(value || null)}
        aria-label={t('alert:allSeverities')}
        popupMatchSelectWidth={false}
        options={[
          { value: '', label: t('alert:allSeverities') },
          ...severities.map((value) => ({ value, label: <SeverityMark severity={value} /> })),
        ]}
      />
    </>
  );
}
