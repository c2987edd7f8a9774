/** Bitbucket allows a workspace, and a repository, this many runners. */
export const SCOPE_CAPACITY = 100;

/** Where runners are registered, as the user wrote it: slugs, or uuids in braces. */
export interface ScopeRef {
  readonly workspace: string;
  readonly repository?: string;
}

/** A workspace or repository that Bitbucket confirmed. Uuids carry their braces, as Bitbucket sends them. */
export interface Scope {
  readonly workspace: NamedUuid;
  readonly repository?: NamedUuid;
}

export interface NamedUuid {
  readonly uuid: string;
  readonly slug: string;
}

/** One text that names a scope as the user wrote it: groups with the same text share a listing. */
export function scopeRefKey(ref: ScopeRef): string {
  return ref.repository === undefined ? ref.workspace : `${ref.workspace}/${ref.repository}`;
}

/** The uuid that a scope's runners hang on: the repository's, else the workspace's. */
export function scopeUuid(scope: Scope): string {
  return (scope.repository ?? scope.workspace).uuid;
}

/** One text that identifies a resolved scope whatever its slugs become. */
export function scopeKey(scope: Scope): string {
  return scope.repository === undefined ? scope.workspace.uuid : `${scope.workspace.uuid}/${scope.repository.uuid}`;
}

/** The name to show: slugs. */
export function scopeName(scope: Scope): string {
  return scope.repository === undefined ? scope.workspace.slug : `${scope.workspace.slug}/${scope.repository.slug}`;
}
