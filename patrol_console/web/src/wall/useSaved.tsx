/** What may be done to saved layouts, with what is said about it; removing has an undo rather than a question. */
import { App, Button } from 'antd';
import { sentenceOf } from '../api/problem';
import type { WallLayout } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useChangeLayout, useRemoveLayout, useSaveLayout } from '../queries/wall';
import { isSameWall } from './useShowing';
import type { Wall } from './useWall';

const undoS = 10;

export function useSaved(wall: Wall) {
  const { t } = useT();
  const { message } = App.useApp();
  const save = useSaveLayout();
  const change = useChangeLayout();
  const remove = useRemoveLayout();
  const failed = (error: unknown) => void message.error(sentenceOf(error));
  const { saved } = wall;
  const isChanged = saved !== null && !isSameWall(saved.arrangement, wall.arrangement);

  function saveAs(name: string, isDefault: boolean, done: () => void): void {
    save.mutate(
      { name, arrangement: wall.arrangement, is_default: isDefault },
      {
        onError: failed,
        onSuccess: (made) => {
          wall.keepAs(made.id);
          void message.success(t('wall:savedAs', { name }));
          done();
        },
      },
    );
  }

  function saveOver(): void {
    if (!saved) return;
    change.mutate(
      { id: saved.id, arrangement: wall.arrangement },
      { onError: failed, onSuccess: () => void message.success(t('wall:savedAs', { name: saved.name })) },
    );
  }

  function rename(layout: WallLayout, name: string, isDefault: boolean, done: () => void): void {
    change.mutate({ id: layout.id, name, is_default: isDefault }, { onError: failed, onSuccess: done });
  }

  function drop(layout: WallLayout): void {
    remove.mutate(layout, {
      onError: failed,
      onSuccess: () => {
        const key = `gone-${layout.id}`;
        void message.open({
          key,
          duration: undoS,
          content: (
            <>
              {t('wall:layoutGone', { name: layout.name })}
              <Button type="link" size="small" data-testid="undo" onClick={() => restore(layout, () => message.destroy(key))}>
                {t('do.undo')}
              </Button>
            </>
          ),
        });
      },
    });
  }

  function restore(layout: WallLayout, done: () => void): void {
    const { name, arrangement, is_default } = layout;
    save.mutate({ name, arrangement, is_default }, { onError: failed, onSuccess: done });
  }

  return { isChanged, busy: save.isPending || change.isPending, saveAs, saveOver, rename, drop };
}

export type Saved = ReturnType<typeof useSaved>;
