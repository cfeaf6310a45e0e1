/** All cameras (摄像机) that this person may see: found by area, state, kind and name; each state with its cause. */
import { Button, Skeleton, Table } from 'antd';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useT } from '../i18n/useT';
import { idsWithin, useAreas } from '../queries/areas';
import { useCameras } from '../queries/cameras';
import { useMay } from '../queries/session';
import { Failed, Notice } from '../shapes/Notice';
import { BulkBar } from './BulkBar';
import { CameraFilters, readFilters } from './CameraFilters';
import { CameraFormDialog } from './CameraFormDialog';
import styles from './CameraTablePage.module.css';
import { useCameraColumns } from './columns';
import { OnlineRate } from './OnlineRate';
import { SweepPart } from './SweepPart';
import { useHeight } from './useHeight';

const none: never[] = [];

export function CameraTablePage() {
  const { t } = useT();
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const mayAdd = useMay('camera.configure');
  const cameras = useCameras();
  const areas = useAreas();
  const columns = useCameraColumns();
  const [box, height] = useHeight();
  const [picked, setPicked] = useState<string[]>([]);
  const [adding, setAdding] = useState(params.get('add') === '1');

  const filters = readFilters(params);
  const here = useMemo(() => {
    const within = filters.area && areas.data ? idsWithin(areas.data, filters.area) : null;
    return (cameras.data ?? []).filter((camera) => !within || within.has(camera.area_id));
  }, [cameras.data, areas.data, filters.area]);
  const rows = useMemo(() => {
    const text = filters.q.trim().toLowerCase();
    return here.filter(
      (camera) =>
        (!filters.state || camera.state === filters.state) &&
        (!filters.kind || camera.kind === filters.kind) &&
        (!filters.cause || camera.cause === filters.cause) &&
        (!filters.tag || camera.tags.includes(filters.tag)) &&
        (!text || [camera.name, camera.place, camera.national_code].some((word) => word?.toLowerCase().includes(text))),
    );
  }, [here, filters.state, filters.kind, filters.cause, filters.tag, filters.q]);

  const chosen = useMemo(() => {
    const ids = new Set(picked);
    return rows.filter(({ id }) => ids.has(id)); // what a filter hides is not changed along
  }, [rows, picked]);

  const addButton = mayAdd && (
    <span className={styles.buttons}>
      <Link to="/cameras/discover" data-testid="camera-discover">
        <Button tabIndex={-1}>{t('join:find.open')}</Button>
      </Link>
      <Link to="/cameras/import" data-testid="camera-import">
        <Button tabIndex={-1}>{t('camera:import.open')}</Button>
      </Link>
      <Button type="primary" onClick={() => setAdding(true)} data-testid="camera-add">
        {t('camera:add')}
      </Button>
    </span>
  );
  const nothing = cameras.data?.length ? (
    <Notice icon="search" title={t('camera:noneMatch')} hint={t('camera:noneMatchHint')} action={<Button onClick={() => setParams({}, { replace: true })}>{t('camera:clear')}</Button>} />
  ) : (
    <Notice icon="cameras" title={t('camera:none')} hint={t('camera:noneHint')} action={addButton} />
  );

  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <h1 className={styles.title}>{t('camera:title')}</h1>
        <CameraFilters cameras={cameras.data ?? none} />
        {cameras.data && <span className="quiet">{t('camera:count', { count: rows.length })}</span>}
        {cameras.data && <OnlineRate area={filters.area} cameras={here} />}
        <span className={styles.action}>
          {cameras.data?.length ? <SweepPart cameraIds={rows.map((camera) => camera.id)} /> : null}
          {cameras.data?.length ? addButton : null}
        </span>
      </div>
      {mayAdd && <BulkBar chosen={chosen} onClear={() => setPicked([])} />}
      <div className={styles.rows} ref={box}>
        {cameras.isPending ? (
          <Skeleton active className={styles.skeleton} title={false} paragraph={{ rows: 9, width: '100%' }} />
        ) : cameras.isError ? (
          <Failed error={cameras.error} onRetry={() => void cameras.refetch()} />
        ) : rows.length === 0 ? (
          nothing
        ) : (
          <Table
            rowKey="id"
            columns={columns}
            dataSource={rows}
            pagination={false}
            virtual
            scroll={{ y: Math.max(120, height - 42), x: 1230 }}
            size="middle"
            rowSelection={mayAdd ? { selectedRowKeys: picked, onChange: (keys) => setPicked(keys.map(String)), columnWidth: 48, onCell: () => ({ onClick: (event) => event.stopPropagation() }), getCheckboxProps: (camera) => ({ 'aria-label': t('join:bulk.choose', { name: camera.name }) }) as never } : undefined}
            onRow={(camera) => ({ onClick: () => void navigate(`/cameras/${camera.id}`), className: styles.row })}
            data-testid="camera-table"
          />
        )}
      </div>
      <CameraFormDialog open={adding} onClose={() => setAdding(false)} onSaved={(camera) => void navigate(`/cameras/${camera.id}?test=1`)} />
    </div>
  );
}
