/** The rows of an import as a table that bears ten thousand of them. */
import { Table, type TableColumnsType } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import type { ImportLine } from '../api/nouns';
import { useT } from '../i18n/useT';
import styles from './ImportPage.module.css';

const mostHeight = 440;
const rowHeight = 40;

export function ImportLines({ lines, dryRun }: { lines: ImportLine[]; dryRun: boolean }) {
  const { t } = useT();
  const columns = useMemo<TableColumnsType<ImportLine>>(
    () => [
      { title: t('camera:import.line'), dataIndex: 'line', width: 80, align: 'right' },
      {
        title: dryRun ? t('camera:import.would') : t('camera:import.outcome'),
        width: 120,
        render: (_, line) => (
          <span className={styles.outcome} data-outcome={line.outcome}>
            {t(`words:importOutcome.${line.outcome}`)}
          </span>
        ),
      },
      { title: t('camera:col.name'), width: 220, render: (_, line) => (line.camera_id ? <Link to={`/cameras/${line.camera_id}`}>{line.name}</Link> : line.name) },
      { title: t('camera:import.reason'), dataIndex: 'reason' },
    ],
    [t, dryRun],
  );
  if (lines.length === 0) return null;
  return (
    <Table
      rowKey="line"
      columns={columns}
      dataSource={lines}
      pagination={false}
      virtual
      scroll={{ y: Math.min(mostHeight, lines.length * rowHeight), x: 900 }}
      size="small"
      data-testid="import-lines"
    />
  );
}
