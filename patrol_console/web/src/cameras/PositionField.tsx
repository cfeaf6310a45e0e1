/** Opens the plan from the camera's form: all that have a place, those of its area in sight. */
import { Button, Form } from 'antd';
import { useMemo, useState } from 'react';
import { useT } from '../i18n/useT';
import { PositionDialog } from '../plan/PositionDialog';
import type { Place } from '../plan/Plan';
import { idsWithin, useAreas } from '../queries/areas';
import { useCameras } from '../queries/cameras';
import type { CameraFields } from './cameraFields';

export function PositionField({ cameraId }: { cameraId: string | undefined }) {
  const { t } = useT();
  const form = Form.useFormInstance<CameraFields>();
  const [open, setOpen] = useState(false);
  const cameras = useCameras().data;
  const areas = useAreas().data;
  const area = Form.useWatch<CameraFields['area_id']>('area_id', form);
  const longitude = Form.useWatch<CameraFields['longitude']>('longitude', form);
  const latitude = Form.useWatch<CameraFields['latitude']>('latitude', form);

  const places = useMemo<Place[]>(() => {
    const within = area && areas ? idsWithin(areas, area) : null;
    const placed = (cameras ?? []).flatMap(({ id, name, area_id, longitude: x, latitude: y }) =>
      x === null || y === null || id === cameraId ? [] : [{ id, name, near: within?.has(area_id) ?? true, longitude: x, latitude: y }],
    );
    return placed.some(({ near }) => near) ? placed : placed.map((place) => ({ ...place, near: true }));
  }, [cameras, areas, area, cameraId]);

  return (
    <>
      <Button onClick={() => setOpen(true)} style={{ marginBottom: 16, justifySelf: 'start' }} data-testid="camera-form-plan">
        {t('join:plan.open')}
      </Button>
      <PositionDialog
        key={String(open)}
        open={open}
        name={form.getFieldValue('name') ?? ''}
        places={places}
        position={typeof longitude === 'number' && typeof latitude === 'number' ? { longitude, latitude } : null}
        onClose={() => setOpen(false)}
        onChosen={(at) => {
          form.setFieldsValue(at);
          setOpen(false);
        }}
      />
    </>
  );
}
