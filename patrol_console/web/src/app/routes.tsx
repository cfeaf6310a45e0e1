/** The addresses of the page; each loads its own part. Deep links work because the sign-in stands in place. */
import { createBrowserRouter, Navigate } from 'react-router';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

export const router = createBrowserRouter([
  {
    path: '/screen/:name',
    lazy: async () => ({ Component: (await import('../wall/ScreenPage')).ScreenPage }),
    hydrateFallbackElement: <></>,
  },
  {
    path: '/',
    element: <Shell />,
    children: [
      { index: true, element: <Navigate to="/wall" replace /> },
      { path: 'wall', lazy: async () => ({ Component: (await import('../wall/WallPage')).WallPage }) },
      { path: 'alerts/:alertId?', lazy: async () => ({ Component: (await import('../alerts/QueuePage')).QueuePage }) },
      { path: 'cameras', lazy: async () => ({ Component: (await import('../cameras/CameraTablePage')).CameraTablePage }) },
      { path: 'cameras/discover', lazy: async () => ({ Component: (await import('../cameras/DiscoveryPage')).DiscoveryPage }) },
      { path: 'cameras/import', lazy: async () => ({ Component: (await import('../cameras/ImportPage')).ImportPage }) },
      { path: 'cameras/:cameraId', lazy: async () => ({ Component: (await import('../cameras/CameraPage')).CameraPage }) },
      { path: 'reports', element: <Navigate to="/reports/online" replace /> },
      { path: 'reports/online', lazy: async () => ({ Component: (await import('../reports/OnlinePage')).OnlinePage }) },
      { path: 'settings', lazy: async () => ({ Component: (await import('../settings/SettingsPage')).SettingsPage }) },
      { path: 'settings/machine', lazy: async () => ({ Component: (await import('../settings/MachinePage')).MachinePage }) },
      { path: 'settings/shares', lazy: async () => ({ Component: (await import('../settings/SharesPage')).SharesPage }) },
      { path: 'settings/uplinks', lazy: async () => ({ Component: (await import('../settings/UplinksPage')).UplinksPage }) },
      { path: '*', element: <NotFound /> },
    ],
    hydrateFallbackElement: <></>,
  },
]);
