import type { Bitbucket } from "../../bitbucket/port.ts";
import type { Send } from "../../http/transport.ts";
import type { Redactor } from "./redaction.ts";

/** A transport that has the redactor remember whatever its requests authenticate with: access tokens, service accounts' tokens, Basic credentials. */
export function rememberingSend(send: Send, redactor: Pick<Redactor, "remember">): Send {
  return (request) => {
    const credential = /^\S+\s+(\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (credential !== undefined) redactor.remember(credential);
    return send(request);
  };
}

/** A Bitbucket that has the redactor remember each new runner's secret before anybody else gets it. */
export function rememberingBitbucket(bitbucket: Bitbucket, redactor: Pick<Redactor, "remember">): Bitbucket {
  return {
    resolve: (...given) => bitbucket.resolve(...given),
    list: (...given) => bitbucket.list(...given),
    get: (...given) => bitbucket.get(...given),
    async register(...given) {
      const registration = await bitbucket.register(...given);
      if (registration.kind === "registered") redactor.remember(registration.oauthClientSecret);
      return registration;
    },
    disable: (...given) => bitbucket.disable(...given),
    enable: (...given) => bitbucket.enable(...given),
    remove: (...given) => bitbucket.remove(...given),
    recallSteps: (...given) => bitbucket.recallSteps(...given),
    budget: () => bitbucket.budget(),
  };
}
