import type { WattduckError } from '../../errors/wattduck-error.ts';
import { escapeHtml } from '../../text/html.ts';
import { htmlHead } from './layout.ts';

/** The login page. @param next path that the login leads to */
export const loginPage = (next: string, error?: WattduckError): string => `${htmlHead('Log in', '')}
<body>
<main>
<h1>Log in</h1>
<form method="post" action="/login">
${error ? `<p class="error" role="alert" id="problem">${escapeHtml(error.fullMessage)}</p>\n` : ''}<p><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus maxlength="200"${error ? ' aria-invalid="true" aria-describedby="problem"' : ''}></p>
<input type="hidden" name="next" value="${escapeHtml(next)}">
<p><button>Log in</button></p>
</form>
<p class="soft">Create a token with <code>wattduck token create NAME</code> on the machine of the server.</p>
</main>
</body>
</html>
`;
