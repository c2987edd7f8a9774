import { type Pipeline, type Step, stepsOf } from "../pipelines.ts";
import { pageReply } from "./paging.ts";
import { PIPELINE_STATUSES, pipelineBody, pipelineFile, pipelineStatus, stepBody } from "./pipeline-view.ts";
import { errorReply, jsonReply, type Reply, textReply } from "./replies.ts";
import type { PlacedCall, Route } from "./route.ts";

const common = {
  method: "GET",
  flavours: ["public"],
  needs: { oauth: ["pipeline"], apiToken: ["read:pipeline:bitbucket"] },
  placed: true,
  guards: "readers",
} as const;
const REPOSITORY = "repositories/:workspace/:repository";

/** The queue as the API tells it, repository by repository. */
export const PIPELINE_ROUTES: readonly Route[] = [
  { ...common, path: `${REPOSITORY}/pipelines`, handle: listPipelines },
  {
    ...common,
    path: `${REPOSITORY}/pipelines/:pipeline`,
    handle: (call: PlacedCall) => withPipeline(call, (pipeline) => jsonReply(200, pipelineBody(pipeline))),
  },
  {
    ...common,
    path: `${REPOSITORY}/pipelines/:pipeline/steps`,
    handle: (call: PlacedCall) => withPipeline(call, (pipeline) => stepsPage(call, stepsOf(pipeline))),
  },
  {
    ...common,
    path: `${REPOSITORY}/pipelines/:pipeline/steps/:step`,
    handle: (call: PlacedCall) =>
      withPipeline(call, (pipeline) => {
        const { behaviour } = call.world;
        const step = stepsOf(pipeline).find(({ uuid }) => uuid === call.parameters.step);
        return step === undefined
          ? errorReply(behaviour, 404, "Step not found")
          : jsonReply(200, stepBody(step, behaviour));
      }),
  },
  {
    ...common,
    path: `${REPOSITORY}/src/:commit/*file`,
    needs: { oauth: ["repository"], apiToken: ["read:repository:bitbucket"] },
    handle: readSource,
  },
];

function listPipelines(call: PlacedCall): Reply {
  const { behaviour } = call.world;
  const wanted = call.url.searchParams.getAll("status");
  const odd = wanted.find((status) => !PIPELINE_STATUSES.has(status));
  if (odd !== undefined) return errorReply(behaviour, 400, "Bad request", `status: unknown value ${odd}`);
  const sort = call.url.searchParams.get("sort") ?? "created_on";
  if (!/^-?(created_on|run_creation_date)$/.test(sort)) {
    return errorReply(behaviour, 400, "Bad request", `sort: unknown attribute ${sort}`);
  }
  const found = pipelinesOf(call).filter(
    (pipeline) => wanted.length === 0 || wanted.includes(pipelineStatus(pipeline)),
  );
  return pageReply(sort.startsWith("-") ? found.toReversed() : found, call.url, behaviour, pipelineBody);
}

function stepsPage({ world, url }: PlacedCall, steps: readonly Step[]): Reply {
  return pageReply(steps, url, world.behaviour, (step) => stepBody(step, world.behaviour));
}

function readSource(call: PlacedCall): Reply {
  const { commit, file } = call.parameters;
  const pipeline = pipelinesOf(call).find((candidate) => candidate.commit === commit);
  return pipeline === undefined || file !== "bitbucket-pipelines.yml"
    ? errorReply(call.world.behaviour, 404, "No such file or commit")
    : textReply(200, pipelineFile(pipeline));
}

function withPipeline(call: PlacedCall, act: (pipeline: Pipeline) => Reply): Reply {
  const pipeline = call.world.pipelines.find(call.parameters.pipeline ?? "");
  return pipeline === undefined || pipeline.repository !== call.repository
    ? errorReply(call.world.behaviour, 404, "Pipeline not found")
    : act(pipeline);
}

function pipelinesOf({ world, repository }: PlacedCall): readonly Pipeline[] {
  return repository === undefined ? [] : world.pipelines.of(repository);
}
