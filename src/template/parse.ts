import { jobName } from "../domain/mark.ts";
import { faultsOf } from "./checks.ts";
import { templateError } from "./errors.ts";
import { type Fault, manifestsOf } from "./manifests.ts";
import { markedJob, markedSecret } from "./marked.ts";
import type { JobTemplate, RenderedRunner, TemplateInput } from "./port.ts";
import { readTemplate, type TemplateText } from "./template-text.ts";
import { variablesOf } from "./variables.ts";

/**
 * Reads a job template: its tags, and the names in them.
 *
 * @param file the template's name in messages
 * @throws {TemplateError} with all problems of one kind: first of syntax, then unknown names
 */
export function parseTemplate(source: string, file: string): JobTemplate {
  const text = readTemplate(source, file);
  return { render: (input) => rendered(text, input) };
}

function rendered(text: TemplateText, input: TemplateInput): RenderedRunner {
  const variables = variablesOf(input);
  const made = manifestsOf(text.render(variables));
  const faults = "faults" in made ? made.faults : faultsOf(made, variables, input);
  if ("faults" in made || faults.length > 0) {
    const origin = text.origins(variables);
    throw templateError(
      text.file,
      text.source,
      faults.map((fault) => ({
        ...withoutSecrets(fault, input),
        offset: fault.offset === undefined ? undefined : origin(fault.offset),
      })),
    );
  }
  const { namespace } = input.group;
  const owner = jobName(input.runnerUuid);
  const { object: secret } = made.secret;
  return {
    job: markedJob(made.job.object, namespace, input),
    secretOwnedBy: (uid) => markedSecret(secret, namespace, input, { name: owner, uid }),
  };
}

/** A message may quote what the template made, and a template may put the runner's secret anywhere. */
function withoutSecrets(fault: Fault, { oauthClientSecret }: TemplateInput): Fault {
  const secret = oauthClientSecret.reveal();
  const spellings = [secret, Buffer.from(secret, "utf8").toString("base64")].filter((text) => text !== "");
  return {
    ...fault,
    message: spellings.reduce((message, text) => message.replaceAll(text, "[redacted]"), fault.message),
  };
}
