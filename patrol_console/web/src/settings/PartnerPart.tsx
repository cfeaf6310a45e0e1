/** One partner unit: its login, which is told once, and the cameras that it may pull. Households' are not offered. */
import { App, Button, Modal, Select, Skeleton } from 'antd';
import { useState } from 'react';
import type { PartnerLogin } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useCameras } from '../queries/cameras';
import { useGiveAccess, usePartner, useShareCameras, useWithdrawAccess } from '../queries/partners';
import { Failed } from '../shapes/Notice';
import styles from './SharesPage.module.css';

export function PartnerPart({ unitId }: { unitId: string }) {
  const { t } = useT();
  const { message, modal } = App.useApp();
  const partner = usePartner(unitId);
  const cameras = useCameras().data ?? [];
  const give = useGiveAccess(unitId);
  const withdraw = useWithdrawAccess(unitId);
  const share = useShareCameras(unitId);
  const [told, setTold] = useState<PartnerLogin | null>(null);
  if (partner.isPending) return <Skeleton active paragraph={{ rows: 4 }} />;
  if (partner.isError) return <Failed error={partner.error} onRetry={() => void partner.refetch()} />;
  const { unit_name: name, username, port, hidden, cameras: shared } = partner.data;

  const failed = (error: unknown): void => void message.error(sentenceOf(error));

  function confirmed(title: string, content: string, okText: string, act: () => Promise<unknown>): void {
    void modal.confirm({ title, content, icon: null, okText, okButtonProps: { danger: true }, cancelText: t('do.cancel'), autoFocusButton: 'cancel', onOk: () => act().catch(failed) });
  }

  const giveOne = () => give.mutateAsync().then(setTold);

  return (
    <section className={styles.part} data-testid="partner">
      <h2>{name}</h2>
      {port === 0 && (
        <p className={styles.refused} role="alert">
          {t('share:off')}
        </p>
      )}
      {username === null ? (
        <>
          <p className="quiet">{t('share:noLogin')}</p>
          <Button type="primary" loading={give.isPending} onClick={() => void giveOne().catch(failed)} data-testid="share-give">
            {t('share:give')}
          </Button>
        </>
      ) : (
        <>
          <p>
            {t('share:username')} <code>{username}</code>
          </p>
          <div className={styles.actions}>
            <Button onClick={() => confirmed(t('share:renewTitle'), t('share:renewText'), t('share:renew'), giveOne)}>{t('share:renew')}</Button>
            <Button danger onClick={() => confirmed(t('share:withdrawTitle', { name }), t('share:withdrawText'), t('share:withdraw'), () => withdraw.mutateAsync())} data-testid="share-withdraw">
              {t('share:withdraw')}
            </Button>
          </div>
          <h3>{t('share:cameras')}</h3>
          <p className="quiet">{t('share:camerasHint')}</p>
          <Select
            mode="multiple"
            aria-label={t('share:cameras')}
            style={{ width: '100%', maxWidth: 640 }}
            placeholder={t('share:choose')}
            value={shared.map((camera) => camera.id)}
            options={cameras.filter((camera) => camera.kind !== 'household').map((camera) => ({ value: camera.id, label: camera.name }))}
            optionFilterProp="label"
            disabled={share.isPending}
            onChange={(ids) => share.mutate(ids, { onError: failed })}
            data-testid="share-cameras"
          />
          {hidden > 0 && <p className="quiet">{t('share:hidden', { count: hidden })}</p>}
          <table className={styles.addresses}>
            <tbody>
              {shared.map((camera) => (
                <tr key={camera.id}>
                  <td>{camera.name}</td>
                  <td>
                    <code>{`rtsp://${location.hostname}:${port}${camera.path}`}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <Modal open={told !== null} title={t('share:toldTitle')} footer={<Button type="primary" onClick={() => setTold(null)}>{t('share:toldDone')}</Button>} onCancel={() => setTold(null)} width={480} maskClosable={false}>
        <p>{t('share:toldText')}</p>
        <dl className={styles.login} data-testid="share-login">
          <dt>{t('share:username')}</dt>
          <dd>
            <code>{told?.username}</code>
          </dd>
          <dt>{t('share:password')}</dt>
          <dd>
            <code>{told?.password}</code>
          </dd>
        </dl>
      </Modal>
    </section>
  );
}
