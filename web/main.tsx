import { render } from 'preact';
import { createApi } from './api/client.ts';
import { drawingModels } from './api/drawing-models.ts';
import { App } from './app.tsx';
import { createDesk } from './classify/desk.ts';
import { ASSUMED_LIMITS } from './classify/send-picture.ts';
import { createGallery } from './gallery/gallery.ts';
import { createAccount } from './login/account.ts';
import { drawPlainText } from './plain-text.ts';
import { createService } from './service.ts';

const account = createAccount();
const api = createApi({ token: account.token });
const service = createService(api, account);
const hasLogin = () => account.state.get().session !== null;
const desk = createDesk({
  api,
  limits: () => service.state.get().health?.limits ?? ASSUMED_LIMITS,
  token: account.token,
  hasLogin,
});
const gallery = createGallery({
  api,
  token: account.token,
  hasLogin,
  drawers: () => drawingModels(service.state.get().models?.models ?? null),
});
const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element with the id app');
drawPlainText();
render(<App account={account} desk={desk} gallery={gallery} service={service} />, root);
void service.load();
