/** The devices of a search as a table: which are new, which are ours already, and what became of those registered now. */
import { Input, Segmented, Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import type { FoundDevice } from '../api/nouns';
import { useT } from '../i18n/useT';
import styles from './DiscoveryPage.module.css';
import { nameFor, type Registered } from './registering';

interface Props {
  devices: FoundDevice[];
  outcomes: ReadonlyMap<string, Registered>;
  chosen: readonly string[];
  onChoose: (addresses: string[]) => void;
  names: ReadonlyMap<string, string>;
  onName: (address: string, name: string) => void;
}

const virtualFrom = 60; // as many as a page bears without a window of its own
const windowHeight = 640;

export function FoundDevices({ devices, outcomes, chosen, onChoose, names, onName }: Props) {
  const { t } = useT();
  const [only, setOnly] = useState<'new' | 'all'>('new');
  const isNew = (device: FoundDevice) => device.cameras.length === 0 || outcomes.has(device.address);
  const fresh = devices.filter(isNew);
  const shown = only === 'new' ? fresh : devices; // those registered now stay in sight, and no longer count
  const left = fresh.filter(({ address }) => outcomes.get(address)?.state !== 'done').length;

  const columns = useMemo<TableColumnsType<FoundDevice>>(
    () => [
      { title: t('join:found.address'), width: 190, render: (_, { ip, address }) => <span title={address}>{placeOf(ip, address)}</span> },
      {
        title: t('join:found.name'),
        width: 280,
        render: (_, device) =>
          isNew(device) && outcomes.get(device.address)?.state !== 'done' ? (
            <Input className={styles.name} size="small" maxLength={64} value={names.get(device.address) ?? nameFor(device)} onChange={(event) => onName(device.address, event.target.value)} aria-label={t('join:found.nameOf', { address: device.ip })} />
          ) : (
            <Ours device={device} outcome={outcomes.get(device.address)} />
          ),
      },
      { title: t('join:found.device'), width: 220, ellipsis: true, render: (_, device) => [...new Set([device.name, device.hardware].filter(Boolean))].join(' · ') || <span className="quiet">{t('join:found.unsaid')}</span> },
      { title: t('join:found.location'), width: 130, dataIndex: 'location', ellipsis: true },
      { title: t('join:found.by'), width: 110, render: (_, device) => <span className="quiet">{t(`words:foundBy.${device.found_by}`)}</span> },
      { title: t('join:found.outcome'), render: (_, device) => <Outcome device={device} outcome={outcomes.get(device.address)} /> },
    ],
    [t, outcomes, names, onName], // eslint-disable-line react-hooks/exhaustive-deps -- isNew follows outcomes
  );

  return (
    <>
      <Segmented<'new' | 'all'>
        style={{ alignSelf: 'flex-start' }}
        aria-label={t('join:found.which')}
        value={only}
        onChange={setOnly}
        options={[
          { value: 'new', label: t('join:found.new', { count: left }) },
          { value: 'all', label: t('join:found.all', { count: devices.length }) },
        ]}
        data-testid="found-which"
      />
      <Table
        rowKey="address"
        columns={columns}
        dataSource={shown}
        pagination={false}
        virtual={shown.length > virtualFrom}
        scroll={shown.length > virtualFrom ? { y: windowHeight, x: 1180 } : { x: 1180 }}
        size="small"
        rowSelection={{
          selectedRowKeys: [...chosen],
          onChange: (keys) => onChoose(keys.map(String)),
          getCheckboxProps: (device) => ({ disabled: !isNew(device) || outcomes.get(device.address)?.state === 'done', 'aria-label': t('join:found.choose', { address: device.ip }) }) as never,
          columnWidth: 44,
        }}
        locale={{ emptyText: t('join:found.allOurs') }}
        data-testid="found-devices"
      />
    </>
  );
}

function Ours({ device, outcome }: { device: FoundDevice; outcome: Registered | undefined }) {
  const { t } = useT();
  if (outcome?.state === 'done') return <Link to={`/cameras/${outcome.cameraId}`}>{outcome.name}</Link>;
  return (
    <>
      {device.cameras.map((camera, i) => (
        <span key={camera.id ?? i}>
          {i > 0 && t('camera:listSeparator')}
          {camera.id ? <Link to={`/cameras/${camera.id}`}>{camera.name}</Link> : <span className="quiet">{t('join:found.elsewhere')}</span>}
        </span>
      ))}
    </>
  );
}

function Outcome({ device, outcome }: { device: FoundDevice; outcome: Registered | undefined }) {
  const { t } = useT();
  if (!outcome) return <span className="quiet">{device.cameras.length > 0 ? t('join:found.ours') : ''}</span>;
  const marks = { waiting: '', going: '', done: '✓', failed: '✗' } as const;
  const said = outcome.state === 'failed' ? outcome.said : outcome.state === 'done' ? (outcome.channels > 1 ? t('join:found.doneChannels', { count: outcome.channels }) : t('join:found.done')) : outcome.state === 'going' ? t('join:found.going') : t('join:found.waiting');
  return (
    <span data-testid={`outcome-${device.ip}`} data-state={outcome.state}>
      {marks[outcome.state] && (
        <span className={styles.mark} data-state={outcome.state} aria-hidden="true">
          {marks[outcome.state]}
        </span>
      )}
      {said}
    </span>
  );
}

/** The address as it is read: the host, and the port where it is not the usual one. */
function placeOf(ip: string, address: string): string {
  const port = /^https?:\/\/[^/]*?:(\d+)\//.exec(address)?.[1];
  return port && port !== '80' ? `${ip}:${port}` : ip;
}
