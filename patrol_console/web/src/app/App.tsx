/** What every page stands in: the theme, the cache, the events, and the question who is signed in. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect } from 'react';
import { useT } from '../i18n/useT';
import { RouterProvider } from 'react-router';
import { whenSessionIsOver } from '../api/client';
import { Problem } from '../api/problem';
import { refreshByEvents } from '../events/refresh';
import { keys } from '../queries/keys';
import { useTheme } from '../theme/choice';
import { antTheme } from '../theme/theme';
import { router } from './routes';

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false, // events say when to read again
      retry: (failures, error) => error instanceof Problem && (error.status === 0 || error.status >= 500) && failures < 2,
    },
  },
});

whenSessionIsOver(() => cache.setQueryData(keys.session, null));

export function App() {
  const theme = useTheme();
  const { i18n } = useT();
  useEffect(() => refreshByEvents(cache), []);
  return (
    <ConfigProvider theme={antTheme(theme)} locale={i18n.language === 'en' ? enUS : zhCN} button={{ autoInsertSpace: false }} wave={{ disabled: true }}>
      <AntApp style={{ height: '100%' }} message={{ maxCount: 2 }}>
        <QueryClientProvider client={cache}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
