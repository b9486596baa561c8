// Defines the platform-specific data of a diagnosis. Its rules and checks are in ops/diagnose.

export interface PlatformDiagnosis<App = unknown> {
  /** Servers of the platform. The first one issues access tokens. */
  servers: readonly [PlatformServer, ...PlatformServer[]];
  tokenProbe: TokenProbe<App>;
  /** Returns an unsigned event for the first callback route. Its type has no effect, even if a bot accepts it. */
  forgedCallback(app: App): object;
  /** Step in the platform's console that enables long connections. Missing if the platform has none. */
  connectionSetup?: string;
  secretFault: SecretFault;
  /** Missing if a rejected token has no cause of its own. */
  tokenFault?: TokenFault;
}

export interface PlatformServer {
  /** Part of check ids, such as `net.feishu.dns`. */
  id: string;
  name: string;
  /** Setting with the address, for texts. */
  setting: string;
  address(settings: object): string | undefined;
  /** Request without cost, whose answer identifies the platform's server. */
  probe: { path: string; json?: object };
}

export interface TokenProbe<App> {
  /** Returns path and body of a request for an access token to the first server. */
  request(app: App): { path: string; json: object };
  /** Parses the answer. Returns undefined if it is neither a token nor a rejection. */
  read(body: unknown): 'accepted' | { code: string; message: string } | undefined;
}

/** A verdict about a wrong secret. */
export interface SecretFault {
  /** Id of the verdict and of its page in docs/diagnose. */
  id: string;
  label: string;
  /** Returns true if the fault explains a failed push with this error class and code. */
  isPushError(error: { class: string; code: string }): boolean;
  /** Returns true if the fault explains this code of the token probe. */
  isProbeCode(code: string): boolean;
  /** Reason of callbacks that are rejected because of the fault. Missing if callbacks are signed with another key. */
  callbackReason?: string;
  /** Error classes of failed pushes that are consequences of the fault. */
  follows: readonly string[];
  title: string;
  /** Title if the probe proves the fault now. */
  provenTitle(app: string, code: string): string;
  remedy: string;
  /** Sentences that distinguish the causes of a code. */
  discriminators: Readonly<Record<string, string>>;
}

/** A verdict about a rejected access token while the secret is accepted. */
export interface TokenFault {
  id: string;
  label: string;
  isPushError(error: { class: string; code: string }): boolean;
  title: string;
  discriminator: string;
}
