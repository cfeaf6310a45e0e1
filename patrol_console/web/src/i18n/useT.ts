/** The sentences of all namespaces at once; keys without a namespace are of `app`. */
import { useTranslation } from 'react-i18next';

const namespaces = ['app', 'words', 'session', 'wall', 'alert', 'camera', 'join', 'machine', 'ptz', 'report', 'uplink', 'share', 'sweep', 'time'] as const;

export function useT() {
  return useTranslation(namespaces);
}
