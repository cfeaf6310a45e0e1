/** A sweep (自动预检) of the cameras in the list: the button, how far it is, who gave no picture. It stands in the address. */
import { App, Button } from 'antd';
import { useSearchParams } from 'react-router';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { useBeginSweep } from '../queries/sweeps';
import { SweepDialog } from './SweepDialog';

export function SweepPart({ cameraIds }: { cameraIds: string[] }) {
  const { t } = useT();
  const { message } = App.useApp();
  const [params, setParams] = useSearchParams();
  const begin = useBeginSweep();
  const may = useMay('sweep.order');
  if (!may) return null;

  function show(id: string | null): void {
    setParams((before) => {
      const after = new URLSearchParams(before);
      if (id === null) after.delete('sweep');
      else after.set('sweep', id);
      return after;
    });
  }

  function start(): void {
    begin.mutate(cameraIds, { onSuccess: (sweep) => show(sweep.id), onError: (error) => void message.error(sentenceOf(error)) });
  }

  return (
    <>
      <Button onClick={start} loading={begin.isPending} disabled={cameraIds.length === 0} title={t('sweep:hint')} data-testid="sweep-begin">
        {t('sweep:begin', { count: cameraIds.length })}
      </Button>
      <SweepDialog id={params.get('sweep')} onClose={() => show(null)} />
    </>
  );
}
