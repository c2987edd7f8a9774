import { errorOf, messageOf, UsageError } from "../support/errors.ts";
import { parseTemplate } from "../template/parse.ts";
import type { JobTemplate } from "../template/port.ts";

/** The job template cannot be read. */
class TemplateUnreadable extends UsageError {
  override readonly name = "TemplateUnreadable";

  constructor(message: string, options?: ErrorOptions) {
    super(message, "Mount the ConfigMap with the job template there, or name its file with --template.", options);
  }
}

/**
 * The job template, read again whenever it is asked for and parsed again when it changed. A bad one gives a template whose `render`
 * throws: nothing is created with it, everything else continues.
 */
export function templateSource(
  path: string,
  readFile: (path: string) => Promise<Uint8Array>,
): () => Promise<JobTemplate> {
  let last: { readonly text: string; readonly template: JobTemplate } | undefined;
  return async () => {
    let text: string;
    try {
      text = new TextDecoder().decode(await readFile(path));
    } catch (cause) {
      const message = `The job template ${path} cannot be read: ${messageOf(cause)}`;
      return failing(new TemplateUnreadable(message, { cause }));
    }
    if (last?.text !== text) last = { text, template: parsed(text, path) };
    return last.template;
  };
}

function parsed(text: string, path: string): JobTemplate {
  try {
    return parseTemplate(text, path);
  } catch (error) {
    return failing(errorOf(error));
  }
}

function failing(error: Error): JobTemplate {
  return {
    render() {
      throw error;
    },
  };
}
