// Facts of one platform that a diagnosis needs, as data: the rules and checks that use them are in ops/diagnose.

export interface PlatformDiagnosis<App = unknown> {
  /** Servers of the platform. The first one issues access tokens. */
  servers: readonly [PlatformServer, ...PlatformServer[]];
  tokenProbe: TokenProbe<App>;
  /** An unsigned event of a type without effect, for the first callback route: even a bot that accepts it is unharmed. */
  forgedCallback(app: App): object;
  /** Step in the platform's console that switches long connections on. Missing if the platform has none. */
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
  /** A request without cost, whose answer only the platform's own server gives. */
  probe: { path: string; json?: object };
}

export interface TokenProbe<App> {
  /** Path on the first server, and body, of a request for an access token. */
  request(app: App): { path: string; json: object };
  /** Reads the answer; undefined if it is neither a token nor a rejection. */
  read(body: unknown): 'accepted' | { code: string; message: string } | undefined;
}

/** A verdict about a wrong secret. */
export interface SecretFault {
  /** Id of the verdict and of its page in docs/diagnose. */
  id: string;
  label: string;
  /** True for a failed push that the fault explains, by error class and code. */
  isPushError(error: { class: string; code: string }): boolean;
  /** True for a code of the token probe that the fault explains. */
  isProbeCode(code: string): boolean;
  /** Reason of callbacks that fail along with the secret. Missing if callbacks are signed by another key. */
  callbackReason?: string;
  /** Classes of failed pushes that follow from the fault. */
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
