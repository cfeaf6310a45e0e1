/** The pad that turns a camera: held buttons, arrow keys while it has the focus, zoom, home, presets, who has it in hand. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Camera, PtzState } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { keepPtz, sayPtz, usePtz, useSayPtz } from '../queries/ptz';
import { useSession } from '../queries/session';
import { Icon } from '../shapes/Icon';
import styles from './Ptz.module.css';
import { PtzPresets } from './PtzPresets';
import { Turning, velocityOf } from './turning';

const buttons = [
  { way: 'ArrowUp', name: 'up', word: 'ptz:up', icon: 'up' },
  { way: 'ArrowLeft', name: 'left', word: 'ptz:left', icon: 'left' },
  { way: 'ArrowRight', name: 'right', word: 'ptz:right', icon: 'right' },
  { way: 'ArrowDown', name: 'down', word: 'ptz:down', icon: 'down' },
  { way: '+', name: 'in', word: 'ptz:in', icon: 'plus' },
  { way: '-', name: 'out', word: 'ptz:out', icon: 'minus' },
] as const;

export function PtzPad({ camera }: { camera: Camera }) {
  const { t } = useT();
  const cache = useQueryClient();
  const me = useSession().data?.user.id;
  const look = usePtz(camera.id);
  const say = useSayPtz(camera.id);
  const [refusal, setRefusal] = useState<string | null>(null);
  const turning = useRef<Turning | null>(null);
  const pad = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const head = new Turning((wish) => sayPtz(camera.id, wish), {
      onSaid: (answer) => {
        setRefusal(null);
        keepPtz(cache, camera.id, answer as PtzState);
      },
      onRefused: (error) => setRefusal(sentenceOf(error)),
    });
    turning.current = head;
    pad.current?.focus({ preventScroll: true });
    const away = () => head.letGo();
    window.addEventListener('blur', away);
    document.addEventListener('visibilitychange', away);
    return () => {
      window.removeEventListener('blur', away);
      document.removeEventListener('visibilitychange', away);
      head.end();
    };
  }, [cache, camera.id]);

  function press(way: string, event: PointerEvent<HTMLButtonElement>): void {
    const velocity = velocityOf(way, event.shiftKey);
    if (!velocity || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    turning.current?.hold(velocity);
  }

  function key(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const presses = event.key === 'Enter' || event.key === ' ';
    const way = presses ? (event.target as HTMLElement).dataset.way : event.key;
    const velocity = way === undefined ? null : velocityOf(way, event.shiftKey);
    if (!velocity) return;
    event.preventDefault();
    event.stopPropagation(); // the wall's own arrows choose another pane
    if (!event.repeat) turning.current?.hold(velocity);
  }

  const letGo = () => turning.current?.letGo();
  const once = (wish: Parameters<typeof say.mutate>[0]) =>
    say.mutate(wish, { onSuccess: () => setRefusal(null), onError: (error) => setRefusal(sentenceOf(error)) });
  const holder = look.data?.holder;
  const note = refusal ?? (look.isError ? sentenceOf(look.error) : holder && holder.user_id !== me ? t('ptz:held', { name: holder.name }) : null);
  return (
    <div ref={pad} className={styles.pad} role="group" aria-label={t('ptz:title', { name: camera.name })} tabIndex={-1} onKeyDown={key} onKeyUp={letGo} onBlur={letGo} onDoubleClick={(event) => event.stopPropagation()} data-testid="ptz-pad">
      <div className={styles.ways}>
        {buttons.map(({ way, name, word, icon }) => (
          <button key={way} type="button" className={styles.way} data-way={way} data-name={name} aria-label={t(word)} title={t(word)} onPointerDown={(event) => press(way, event)} onPointerUp={letGo} onPointerCancel={letGo} onLostPointerCapture={letGo}>
            <Icon name={icon} />
          </button>
        ))}
        <button type="button" className={styles.way} data-name="home" aria-label={t('ptz:home')} title={t('ptz:home')} onClick={() => once({ verb: 'home' })}>
          <Icon name="home" />
        </button>
      </div>
      <PtzPresets presets={look.data?.presets ?? []} busy={say.isPending} onWish={once} />
      <p className={styles.note} role="status" data-testid="ptz-note">
        {note}
      </p>
    </div>
  );
}
