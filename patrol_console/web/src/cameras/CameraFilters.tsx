/** How the table is narrowed; all of it stands in the address. */
import { Input, Select } from 'antd';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { cameraKinds, cameraStates, type Camera, type CameraCause, type CameraKind, type CameraState } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Icon } from '../shapes/Icon';

export interface Filters {
  q: string;
  area: string | null;
  state: CameraState | null;
  kind: CameraKind | null;
  cause: CameraCause | null;
  tag: string | null;
}

export function readFilters(params: URLSearchParams): Filters {
  return {
    q: params.get('q') ?? '',
    area: params.get('area'),
    state: cameraStates.find((state) => state === params.get('state')) ?? null,
    kind: cameraKinds.find((kind) => kind === params.get('kind')) ?? null,
    cause: params.get('cause') as CameraCause | null, // one that is none of ours finds nothing
    tag: params.get('tag'),
  };
}

/** `cameras`: all of them; only causes that some camera has can be chosen. */
export function CameraFilters({ cameras }: { cameras: readonly Camera[] }) {
  const { t } = useT();
  const [params, setParams] = useSearchParams();
  const filters = readFilters(params);
  const areas = useAreas().data;
  const areaOptions = useMemo(() => areas?.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` })) ?? [], [areas]);

  const causes = useMemo(() => {
    const found = new Set<CameraCause>(cameras.map((camera) => camera.cause).filter((cause) => cause !== 'none'));
    if (filters.cause) found.add(filters.cause);
    return [...found].sort();
  }, [cameras, filters.cause]);

  const tags = useMemo(() => {
    const found = new Set(cameras.flatMap((camera) => camera.tags));
    if (filters.tag) found.add(filters.tag);
    return [...found].sort((a, b) => a.localeCompare(b, 'zh'));
  }, [cameras, filters.tag]);

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
        style={{ width: 220 }}
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
        aria-label={t('camera:allCauses')}
        value={filters.cause ?? ''}
        onChange={(value) => narrow('cause', value)}
        options={[{ value: '', label: t('camera:allCauses') }, ...causes.map((value) => ({ value, label: wordFor('cause', value) }))]}
        data-testid="camera-cause"
      />
      <Select
        variant="borderless"
        popupMatchSelectWidth={false}
        aria-label={t('camera:allKinds')}
        value={filters.kind ?? ''}
        onChange={(value) => narrow('kind', value)}
        options={[{ value: '', label: t('camera:allKinds') }, ...cameraKinds.map((value) => ({ value, label: t(`words:cameraKind.${value}`) }))]}
      />
      {tags.length > 0 && (
        <Select
          variant="borderless"
          popupMatchSelectWidth={false}
          aria-label={t('camera:allTags')}
          value={filters.tag ?? ''}
          onChange={(value) => narrow('tag', value)}
          options={[{ value: '', label: t('camera:allTags') }, ...tags.map((value) => ({ value, label: value }))]}
          data-testid="camera-tag"
        />
      )}
    </>
  );
}
