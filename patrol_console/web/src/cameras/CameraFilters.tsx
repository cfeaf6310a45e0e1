/** How the table is narrowed; all of it stands in the address. */
import { Input, Select } from 'antd';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { cameraKinds, cameraStates, type CameraKind, type CameraState } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Icon } from '../shapes/Icon';

export interface Filters {
  q: string;
  area: string | null;
  state: CameraState | null;
  kind: CameraKind | null;
}

export function readFilters(params: URLSearchParams): Filters {
  return {
    q: params.get('q') ?? '',
    area: params.get('area'),
    state: cameraStates.find((state) => state === params.get('state')) ?? null,
    kind: cameraKinds.find((kind) => kind === params.get('kind')) ?? null,
  };
}

export function CameraFilters() {
  const { t } = useT();
  const [params, setParams] = useSearchParams();
  const filters = readFilters(params);
  const areas = useAreas().data;
  const areaOptions = useMemo(() => areas?.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` })) ?? [], [areas]);

  function narrow(name: keyof Filters, value: string): void {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete('add');
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <>
      <Input
        style={{ width: 180 }}
        value={filters.q}
        onChange={(event) => narrow('q', event.target.value)}
        placeholder={t('camera:search')}
        aria-label={t('camera:search')}
        prefix={<Icon name="search" size={16} />}
        allowClear
        data-testid="camera-search"
      />
      <Select
        variant="borderless"
        popupMatchSelectWidth={false}
        aria-label={t('camera:allAreas')}
        value={filters.area ?? ''}
        onChange={(value) => narrow('area', value)}
        options={[{ value: '', label: t('camera:allAreas') }, ...areaOptions]}
      />
      <Select
        variant="borderless"
        popupMatchSelectWidth={false}
        aria-label={t('camera:allStates')}
        value={filters.state ?? ''}
        onChange={(value) => narrow('state', value)}
        options={[{ value: '', label: t('camera:allStates') }, ...cameraStates.map((value) => ({ value, label: <CameraStateMark state={value} /> }))]}
      />
      <Select
        variant="borderless"
        popupMatchSelectWidth={false}
        aria-label={t('camera:allKinds')}
        value={filters.kind ?? ''}
        onChange={(value) => narrow('kind', value)}
        options={[{ value: '', label: t('camera:allKinds') }, ...cameraKinds.map((value) => ({ value, label: t(`words:cameraKind.${value}`) }))]}
      />
    </>
  );
}
