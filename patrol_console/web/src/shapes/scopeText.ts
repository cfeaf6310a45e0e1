/** What an outage is called: "同一网段 192.168.3.0/24 的 12 台". */
import i18n from '../i18n';
import type { AlertOutage } from '../api/nouns';

type Named = Pick<AlertOutage, 'scope' | 'name' | 'whole' | 'silent' | 'cameras'>;

export function scopeText({ scope, name, whole, silent, cameras: count }: Named): string {
  if (silent) return i18n.t('alert:scope.silent', { name, count });
  switch (scope) {
    case 'gateway':
      return whole ? i18n.t('alert:scope.gatewayWhole', { name, count }) : i18n.t('alert:scope.gateway', { name, count });
    case 'subnet':
      return whole ? i18n.t('alert:scope.subnetWhole', { name, count }) : i18n.t('alert:scope.subnet', { name, count });
    case 'area':
      return whole ? i18n.t('alert:scope.areaWhole', { name, count }) : i18n.t('alert:scope.area', { name, count });
  }
}
