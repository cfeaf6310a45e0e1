/** Whether somebody was signed in since this page was loaded: then the sign-in says that the session is over. */
let signedIn = false;

export function rememberSignedIn(value: boolean): void {
  signedIn = value;
}

export function wasSignedIn(): boolean {
  return signedIn;
}
