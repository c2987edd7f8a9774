/** Put in by the build (scripts/build.mjs). */
declare const __VERSION__: string | undefined;

/** The program's version; `development` when it runs from its source. */
export const VERSION: string = typeof __VERSION__ === "undefined" ? "development" : __VERSION__;
