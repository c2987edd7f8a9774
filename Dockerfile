# The program is one file that needs only Node: built on whatever machine builds, run on any platform that Node's image supports.
FROM --platform=$BUILDPLATFORM node:24-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
COPY scripts/ready.mjs scripts/
RUN node scripts/ready.mjs
COPY . .
RUN npm run build

FROM node:24-alpine
LABEL org.opencontainers.image.title="runners-autoscaler" \
      org.opencontainers.image.description="Keeps the right number of self-hosted Bitbucket Pipelines runners on a Kubernetes cluster." \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
COPY --from=build /source/LICENSE /source/dist/runners-autoscaler.js /source/dist/runners-autoscaler.js.map /opt/runners-autoscaler/
# The number that kustomize/base names; Kubernetes can tell that it is not root only from a number.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "/opt/runners-autoscaler/runners-autoscaler.js"]
CMD ["--help"]
