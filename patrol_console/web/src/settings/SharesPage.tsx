/** Partner access (单位共享): the units, and for the one that is chosen its login and its cameras. */
import { Button, Skeleton } from 'antd';
import { useState } from 'react';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { useUnits } from '../queries/units';
import { Failed, NoRight, Notice } from '../shapes/Notice';
import { PartnerPart } from './PartnerPart';
import { SettingsTabs } from './SettingsTabs';
import styles from './SharesPage.module.css';
import { UnitDialog } from './UnitDialog';

export function SharesPage() {
  const { t } = useT();
  const may = useMay('camera.configure');
  const mayAddUnit = useMay('area.configure');
  const units = useUnits(may);
  const [chosen, setChosen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  if (!may) return <NoRight />;
  const unit = units.data?.find((one) => one.id === chosen) ?? units.data?.[0];
  const add = mayAddUnit ? <Button onClick={() => setAdding(true)}>{t('uplink:units')}</Button> : undefined;
  return (
    <div className={styles.page} data-testid="shares">
      <SettingsTabs />
      <div className={styles.head}>
        <p className="quiet">{t('share:intro')}</p>
        {unit && add}
      </div>
      {units.isPending ? (
        <Skeleton active paragraph={{ rows: 4 }} />
      ) : units.isError ? (
        <Failed error={units.error} onRetry={() => void units.refetch()} />
      ) : !unit ? (
        <Notice icon="tree" title={t('share:none')} hint={t('share:noneHint')} action={add} />
      ) : (
        <div className={styles.parts}>
          <nav className={styles.units} aria-label={t('share:units')}>
            {units.data.map(({ id, name }) => (
              <button key={id} type="button" aria-current={id === unit.id} onClick={() => setChosen(id)} data-testid="share-unit">
                {name}
              </button>
            ))}
          </nav>
          <PartnerPart key={unit.id} unitId={unit.id} />
        </div>
      )}
      <UnitDialog
        open={adding}
        onClose={() => setAdding(false)}
        onAdded={(made) => {
          setAdding(false);
          setChosen(made.id);
        }}
      />
    </div>
  );
}
