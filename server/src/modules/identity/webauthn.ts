/** The library of WebAuthn. It weighs 26 MB once it is loaded, and many a process never sees a passkey. */
export const webauthn = async () => ({
  ...(await import("@simplewebauthn/server")),
  ...(await import("@simplewebauthn/server/helpers")),
});
