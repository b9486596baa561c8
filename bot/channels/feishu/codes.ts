// What Feishu's answer codes mean for a push. From the platform's published lists; vendor SDKs classify some of them wrongly.
import type { PushErrorClass } from '../../telemetry/names.ts';

/** Class by code; a code that is not here is `unknown`. */
const codesByClass: Partial<Record<PushErrorClass, readonly number[]>> = {
  credentials: [10003, 10005, 10012, 10013, 10014, 10015, 99991543, 99991662, 99991673],
  token_expired: [4001, 20005, 99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677],
  permission: [230006, 230027, 99991672, 99991676, 99991679],
  ip_denied: [19022, 99991401],
  rate_limited: [11232, 11233, 11247, 230020, 230049, 232019, 99991400],
  quota: [99991403],
  signature: [19021],
  target_gone: [
    19001, 230002, 230011, 230013, 230015, 230018, 230019, 230029, 230034, 230035, 230036, 230038, 230050, 230053,
    230110, 230111, 231003, 232009, 232011, 99992351, 99992352, 99992353, 99992354, 99992355, 99992356, 99992359,
    99992360, 99992361, 99992363, 99992364, 99992381,
  ],
  too_large: [19036, 230025],
  content_rejected: [19024, 230022, 230028],
  bad_request: [
    9499, 19002, 230001, 230017, 230054, 230055, 230071, 230072, 230075, 230099, 99991201, 99991301, 99992402,
  ],
  platform_error: [1500, 2200, 5000],
};

const classByCode = new Map(
  Object.entries(codesByClass).flatMap(([name, codes]) =>
    (codes ?? []).map((code) => [code, name as PushErrorClass] as const),
  ),
);

/** The body's code counts before the HTTP status: the platform also refuses with 200 and throttles with 400. */
export function classifyFeishu(code: number | undefined, status: number): PushErrorClass {
  const known = code === undefined ? undefined : classByCode.get(code);
  if (known) return known;
  if (status === 429) return 'rate_limited';
  // Without a code it was not the API that answered, but a gateway or a throttling page before it: that passes.
  return status >= 500 || code === undefined ? 'platform_error' : 'unknown';
}
