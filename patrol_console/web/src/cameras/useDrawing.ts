/** The two layers that are drawn on a picture, zones and masks: what is being edited, and how it is stored. */
import { App } from 'antd';
import { useEffect, useReducer, type Dispatch } from 'react';
import type { Camera, Polygon } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { corners, useSaveMasks, useSaveZones } from '../queries/cameras';
import { begin, edit, type Drawn, type Edit, type Editing } from './zoneEditing';

export type LayerName = 'zones' | 'masks';

export interface Drawing {
  name: LayerName;
  editing: Editing;
  busy: boolean;
  edit: Dispatch<Edit>;
  finish: () => void;
  discard: () => void;
  store: () => void;
}

export function useZoneDrawing(camera: Camera): Drawing {
  const { t } = useT();
  const say = useSaying();
  const save = useSaveZones(camera.id);
  const layer = useLayer('zones', camera.zones, (number) => t('camera:zones.newName', { number }));
  function store(): void {
    const zones = layer.editing.zones.map(({ zoneId, name, polygon }) => ({ zone_id: zoneId, name: name.trim() || '–', polygon: corners(polygon) }));
    save.mutate(zones, { onSuccess: (saved) => say.saved(() => layer.edit({ do: 'read', zones: saved.zones })), onError: say.failed });
  }
  return { ...layer, busy: save.isPending, store };
}

/** The first mask interrupts who looks, with the last one what was covered is seen again: each is asked about, once. */
export function useMaskDrawing(camera: Camera): Drawing {
  const { t } = useT();
  const { modal } = App.useApp();
  const say = useSaying();
  const save = useSaveMasks(camera.id);
  const nameOf = (number: number) => t('camera:masks.newName', { number });
  const layer = useLayer('masks', asZones(camera.masks, nameOf), nameOf);

  function send(): void {
    save.mutate(
      layer.editing.zones.map(({ polygon }) => corners(polygon)),
      { onSuccess: (saved) => say.saved(() => layer.edit({ do: 'read', zones: asZones(saved.masks, nameOf) })), onError: say.failed },
    );
  }

  function store(): void {
    const had = camera.masks.length > 0;
    const has = layer.editing.zones.length > 0;
    if (had === has) return send();
    void modal.confirm({
      title: has ? t('camera:masks.firstTitle') : t('camera:masks.lastTitle', { name: camera.name }),
      content: has ? t('camera:masks.firstText') : t('camera:masks.lastText'),
      icon: null,
      okText: t('camera:masks.save'),
      okButtonProps: { 'data-testid': 'mask-confirm' } as never,
      cancelText: t('do.cancel'),
      onOk: send,
    });
  }
  return { ...layer, busy: save.isPending, store };
}

function useLayer(name: LayerName, read: readonly Drawn[], nameOf: (number: number) => string): Omit<Drawing, 'busy' | 'store'> {
  const [editing, change] = useReducer(edit, read, begin);
  const written = JSON.stringify(read);
  useEffect(() => {
    if (!editing.changed && !editing.drawing) change({ do: 'read', zones: read });
  }, [written]); // eslint-disable-line react-hooks/exhaustive-deps -- what is being drawn outlives a refresh
  return {
    name,
    editing,
    edit: change,
    finish: () => change({ do: 'finish', name: nameOf(editing.zones.length + 1) }),
    discard: () => change({ do: 'read', zones: read }),
  };
}

function useSaying() {
  const { t } = useT();
  const { message } = App.useApp();
  return {
    saved: (then: () => void) => {
      then();
      void message.success(t('camera:saved'));
    },
    failed: (error: unknown) => void message.error(sentenceOf(error)),
  };
}

function asZones(masks: readonly Polygon[], nameOf: (number: number) => string): Drawn[] {
  return masks.map((polygon, i) => ({ zone_id: null, name: nameOf(i + 1), polygon }));
}
