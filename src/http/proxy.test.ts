import { describe, expect, test } from "vitest";
import { proxyEnvironment, proxyFor } from "./proxy.ts";

const proxies = { httpProxy: "http://plain:3128", httpsProxy: "http://secure:3128" };

describe("proxyFor", () => {
  test.each([
    // URL                          NO_PROXY                          through
    ["https://api.bitbucket.org/x", "", "http://secure:3128"],
    ["http://api.bitbucket.org/x", "", "http://plain:3128"],
    ["https://api.bitbucket.org/", "*", undefined],
    ["https://api.bitbucket.org/", "api.bitbucket.org", undefined],
    ["https://api.bitbucket.org/", "bitbucket.org", undefined],
    ["https://api.bitbucket.org/", ".bitbucket.org", undefined],
    ["https://api.bitbucket.org/", "*.bitbucket.org", undefined],
    ["https://API.Bitbucket.org/", "BITBUCKET.ORG", undefined],
    ["https://notbitbucket.org/", "bitbucket.org", "http://secure:3128"],
    ["https://bitbucket.org.evil.test/", "bitbucket.org", "http://secure:3128"],
    ["https://api.bitbucket.org/", "bitbucket.org:443", undefined],
    ["https://api.bitbucket.org/", "bitbucket.org:8443", "http://secure:3128"],
    ["http://api.bitbucket.org/", "bitbucket.org:80", undefined],
    ["https://api.bitbucket.org:8443/", "x bitbucket.org:8443,y", undefined],
    ["https://10.96.0.1/", "10.96.0.1", undefined],
    ["https://10.96.0.1:6443/", "a,10.96.0.0/12,.svc", undefined],
    ["https://10.112.0.1/", "10.96.0.0/12", "http://secure:3128"],
    ["https://10.96.0.1/", "10.96.0.0/33", "http://secure:3128"],
    ["https://10.96.0.1/", "10.96.0.0/", "http://secure:3128"],
    ["https://host/", "10.96.0.0/12", "http://secure:3128"],
    ["https://kubernetes.default.svc/", "10.0.0.0/8 .svc", undefined],
    ["https://[fd00::1]/", "fd00::/8", undefined],
    ["https://[fd00::1]/", "fd00::1", undefined],
    ["https://[fd00::1]:6443/", "[fd00::1]:6443", undefined],
    ["https://[fe80::1]/", "fd00::/8", "http://secure:3128"],
    ["http://localhost:8080/", "", undefined],
    ["http://127.0.0.1:8080/", "", undefined],
    ["http://127.9.9.9/", "", undefined],
    ["https://[::1]/", "", undefined],
    ["http://127.example.org/", "", "http://plain:3128"],
    ["https://api.bitbucket.org/", ",, .", "http://secure:3128"],
  ])("%s, no proxy for %j → %s", (url, noProxy, through) => {
    expect(proxyFor(url, { ...proxies, noProxy })).toBe(through);
  });

  test("each scheme has its own", () => {
    expect(proxyFor("https://a.test/", { httpProxy: "http://p" })).toBeUndefined();
    expect(proxyFor("http://a.test/", { httpsProxy: "http://p" })).toBeUndefined();
    expect(proxyFor("http://a.test/", {})).toBeUndefined();
  });
});

describe("proxyEnvironment", () => {
  test.each([
    [{}, { noProxy: "" }],
    [
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "a" },
      { httpsProxy: "http://p:1", noProxy: "a" },
    ],
    [
      { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:1" },
      { httpsProxy: "http://q:1", noProxy: "" },
    ],
    [{ HTTPS_PROXY: "http://p:1", https_proxy: "" }, { noProxy: "" }],
    [{ HTTP_PROXY: " proxy:3128 " }, { httpProxy: "http://proxy:3128", noProxy: "" }],
    [{ HTTP_PROXY: "https://user:pass@proxy" }, { httpProxy: "https://user:pass@proxy", noProxy: "" }],
  ])("%j → %j", (environment, read) => {
    expect(proxyEnvironment(environment)).toEqual(read);
  });

  test.each(["ftp://user:pass@proxy", "http://", "socks5://user:pass@proxy:1", "user:pass@"])(
    "refuses %s without repeating it",
    (value) => {
      let message = "";
      try {
        proxyEnvironment({ HTTPS_PROXY: value });
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain("HTTPS_PROXY is not the address of a proxy");
      expect(message).not.toContain("pass");
    },
  );
});
