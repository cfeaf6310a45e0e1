/** What the pointer brings out beside the name: since when, what stream, how far behind. Renewed each second while it is out. */
import { useState } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import type { PlayerState } from '../player/state';
import { agoText, momentText, useNow } from '../time/centre';

interface Props {
  camera: Camera;
  state: PlayerState;
  lagMs: () => number;
}

export function PaneFacts({ camera, state, lagMs }: Props) {
  const { t } = useT();
  const now = useNow();
  const [mounted] = useState(() => Date.now());
  const parts: string[] = [];
  if (camera.since) parts.push(`${t(`words:cameraState.${camera.state}`)} ${momentText(camera.since, now)} · ${agoText(camera.since, now)}`);
  if (state.kind === 'live') {
    parts.push(t('wall:facts', { width: state.width, height: state.height, codec: codecName(state.codec) }));
    if (now - mounted > 1000) parts.push(t('wall:delay', { ms: lagMs() }));
    parts.push(state.way === 'webrtc' ? 'WebRTC' : 'MSE');
    if (state.fell !== null) parts.push(t(`wall:fell.${state.fell}`));
  }
  return <>{parts.join('  ·  ')}</>;
}

function codecName(codec: string): string {
  if (codec.startsWith('avc1')) return 'H.264';
  return codec.startsWith('hvc1') || codec.startsWith('hev1') ? 'H.265' : codec;
}
