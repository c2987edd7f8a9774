import type { Random } from "../../support/random.ts";

export interface Workspace {
  /** With braces. */
  readonly uuid: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface Repository {
  /** With braces. */
  readonly uuid: string;
  readonly slug: string;
  readonly name: string;
  readonly workspace: Workspace;
  readonly createdAt: number;
}

/** Where runners are registered. */
export interface RunnerScope {
  readonly workspace: Workspace;
  readonly repository?: Repository;
}

/** The uuid that a scope's runners hang on. */
export function scopeUuidOf(scope: RunnerScope): string {
  return (scope.repository ?? scope.workspace).uuid;
}

/** The world's workspaces and repositories, found by slug or by uuid in braces. */
export class Places {
  readonly #random: Random;
  readonly #workspaces: Workspace[] = [];
  readonly #repositories: Repository[] = [];
  readonly #suspended = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  get workspaces(): readonly Workspace[] {
    return this.#workspaces;
  }

  get repositories(): readonly Repository[] {
    return this.#repositories;
  }

  addWorkspace(
    workspace: { readonly slug: string; readonly uuid?: string; readonly name?: string },
    createdAt: number,
  ): Workspace {
    const { slug, uuid = drawUuid(this.#random), name = slug } = workspace;
    const added = { uuid, slug, name, createdAt };
    this.#workspaces.push(added);
    return added;
  }

  addRepository(
    workspace: Workspace,
    repository: { readonly slug: string; readonly uuid?: string; readonly name?: string },
    createdAt: number,
  ): Repository {
    const { slug, uuid = drawUuid(this.#random), name = slug } = repository;
    const added = { uuid, slug, name, workspace, createdAt };
    this.#repositories.push(added);
    return added;
  }

  workspace(ref: string): Workspace | undefined {
    return this.#workspaces.find(({ uuid, slug }) => uuid === ref || slug === ref);
  }

  repository(workspace: Workspace, ref: string): Repository | undefined {
    return this.#repositories.find(
      (repository) => repository.workspace === workspace && (repository.uuid === ref || repository.slug === ref),
    );
  }

  /** Every runner call on that workspace or repository (by uuid) gets `status` from now on. */
  suspend(scopeUuid: string, status: number): void {
    this.#suspended.set(scopeUuid, status);
  }

  resume(scopeUuid: string): void {
    this.#suspended.delete(scopeUuid);
  }

  suspension(scopeUuid: string): number | undefined {
    return this.#suspended.get(scopeUuid);
  }
}

/** A uuid in braces, as Bitbucket writes them. */
export function drawUuid(random: Random): string {
  const digit = () => Math.floor(random.next() * 16).toString(16);
  const variant = () => "89ab"[Math.floor(random.next() * 4)] ?? "8";
  return `{${"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (x) => (x === "x" ? digit() : variant()))}}`;
}
