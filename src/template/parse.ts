import { jobName } from "../domain/mark.ts";
import { faultsOf } from "./checks.ts";
import { templateError } from "./errors.ts";
import { MOST_PROBLEMS } from "./jinja/limits.ts";
import { type Fault, manifestsOf } from "./manifests.ts";
import { markedJob, markedSecret } from "./marked.ts";
import type { JobTemplate, RenderedRunner, TemplateInput } from "./port.ts";
import type { Objects } from "./skeleton.ts";
import { substitution } from "./substitution.ts";
import { readTemplate, type TemplateText } from "./template-text.ts";
import { type Variables, variablesOf } from "./variables.ts";

/**
 * Reads a job template: its tags, and the names in them.
 *
 * @param file the template's name in messages
 * @throws {TemplateError} with all problems of one kind: first of syntax, then unknown names
 */
export function parseTemplate(source: string, file: string): JobTemplate {
  const text = readTemplate(source, file);
  const quickly = substitution(text);
  return {
    render(input) {
      const variables = variablesOf(input);
      return marked(quickly(variables, input) ?? rendered(text, variables, input), input);
    },
  };
}

function rendered(text: TemplateText, variables: Variables, input: TemplateInput): Objects {
  const made = manifestsOf(text.render(variables));
  const faults = "faults" in made ? made.faults : faultsOf(made, variables, input);
  if (!("faults" in made) && faults.length === 0) return { secret: made.secret.object, job: made.job.object };
  const origin = text.origins(variables);
  throw templateError(
    text.file,
    text.source,
    faults.slice(0, MOST_PROBLEMS).map((fault) => ({
      ...withoutSecrets(fault, input),
      offset: fault.offset === undefined ? undefined : origin(fault.offset),
    })),
  );
}

function marked({ secret, job }: Objects, input: TemplateInput): RenderedRunner {
  const { namespace } = input.group;
  const owner = jobName(input.runnerUuid);
  return {
    job: markedJob(job, namespace, input),
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
