/** The page's first line: puts the application into the document. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const root = document.getElementById('root');
if (root) createRoot(root).render(<StrictMode>Probe Patrol</StrictMode>);
