/** What is on the network (发现设备): a search, what it found, and all of it that is chosen registered with one login. */
import { App, Progress, Skeleton } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { sentenceOf } from '../api/problem';
import { BarTools } from '../app/barSlot';
import { useT } from '../i18n/useT';
import { useDiscoveries, useDiscovery, useEndDiscovery, useStartDiscovery } from '../queries/discoveries';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import { Failed, NoRight, Notice } from '../shapes/Notice';
import page from './CameraPage.module.css';
import styles from './DiscoveryPage.module.css';
import { DiscoveryStart } from './DiscoveryStart';
import { FoundDevices } from './FoundDevices';
import { nameFor } from './registering';
import { RegisterBar } from './RegisterBar';
import { useRegistering } from './useRegistering';

export function DiscoveryPage() {
  const { t } = useT();
  const { message } = App.useApp();
  const may = useMay('camera.configure');
  const [params, setParams] = useSearchParams();
  const before = useDiscoveries(may).data;
  const id = params.get('id') ?? before?.[0]?.id ?? null;
  const found = useDiscovery(may ? id : null);
  const start = useStartDiscovery();
  const end = useEndDiscovery();
  const registering = useRegistering();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());

  useEffect(() => setChosen([]), [id]);
  const search = found.data;
  const devices = useMemo(() => search?.devices ?? [], [search]);
  const open = useMemo(() => chosen.filter((address) => registering.outcomes.get(address)?.state !== 'done'), [chosen, registering.outcomes]);
  const candidates = useMemo(
    () => devices.filter(({ address }) => open.includes(address)).map((device) => ({ address: device.address, name: (names.get(device.address) ?? nameFor(device)).trim() || nameFor(device) })),
    [devices, open, names],
  );
  if (!may) return <NoRight />;

  function begin(range: string | null): void {
    start.mutate(range, { onSuccess: (begun) => setParams({ id: begun.id }), onError: (error) => void message.error(sentenceOf(error), 6) });
  }

  const running = search?.state === 'running';
  return (
    <div className={styles.page} data-testid="discovery-page" data-state={search?.state}>
      <BarTools>
        <span className={page.title}>
          <Link to="/cameras" className={page.back}>
            <Icon name="left" size={16} />
            {t('camera:title')}
          </Link>
          <span className={page.named}>{t('join:find.title')}</span>
        </span>
      </BarTools>
      <DiscoveryStart busy={start.isPending} running={running} onStart={begin} onStop={() => id && end.mutate(id)} />
      {id !== null && found.isPending && <Skeleton active paragraph={{ rows: 5 }} />}
      {found.isError && <Failed error={found.error} onRetry={() => begin(null)} />}
      {search && (
        <>
          <p className={styles.said} role="status" data-testid="discovery-said">
            {running ? t('join:find.running', { count: devices.length }) : t('join:find.done', { count: devices.length })}
            {running && search.total !== null && search.asked !== null && search.total > 0 && (
              <Progress className={styles.progress} percent={Math.round((100 * search.asked) / search.total)} size="small" status="active" />
            )}
          </p>
          {search.problem && (
            <p className={styles.problem} role="alert">
              {search.problem}
            </p>
          )}
          {devices.length > 0 ? (
            <>
              <RegisterBar candidates={candidates} run={registering} />
              <FoundDevices devices={devices} outcomes={registering.outcomes} chosen={open} onChoose={setChosen} names={names} onName={(address, name) => setNames((all) => new Map(all).set(address, name))} />
            </>
          ) : (
            !running && !search.problem && <Notice icon="search" title={t('join:find.nothing')} hint={t('join:find.nothingHint')} />
          )}
        </>
      )}
    </div>
  );
}
